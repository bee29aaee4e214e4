import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { job, process } from '../model/make.ts';
import type { Job } from '../model/workload.ts';
import type { SchemaStore } from './engine.ts';
import { KeptSchemas, type LedgerExec } from './kept-schemas.ts';

const ledger = {
  process: 'database',
  user: '1:1',
  read: ['read'],
  record: ['record'],
  schemas: ['schema-archive'],
};
const made = 'CREATE TABLE made';
const common = { service: 'test', command: ['run'], user: '1:1' };
const schema = job({ ...common, name: 'some-schema', image: 'some', schema: { databases: ['one', 'two'] } });

/** The two databases, and what was asked of them. */
let content: string;
let asked: string[];
let kept: Map<string, Buffer>;
let lines: string[];
let ran: number;
/** What goes wrong. */
let broken: string[];

beforeEach(() => {
  content = '';
  asked = [];
  kept = new Map();
  lines = [];
  ran = 0;
  broken = [];
});

const exec: LedgerExec = async ([program, what = '', ...rest], { user, stdin, stdout, stderr }) => {
  expect([program, user]).toEqual(['schema-archive', '1:1']);
  asked.push(what);
  const write = (stream: Writable | undefined, text: string) => void stream?.write(text);
  if (broken.includes(what)) {
    write(stderr, `no ${what} today`);
    if (what === 'load') content = 'half';
    return 1;
  }
  if (what === 'state') {
    if (content === 'half') content = '';
    write(stdout, content === '' ? 'empty\n' : 'used\n');
  }
  if (what === 'take') write(stdout, content);
  if (what === 'load') {
    const [sum, ...databases] = rest;
    expect(databases).toEqual(['one', 'two']);
    expect(sum).toBe(createHash('sha256').update(String(stdin)).digest('hex'));
    content = String(stdin);
  }
  return 0;
};

const store: SchemaStore = {
  read: async (name) => kept.get(name),
  write: async (name, bytes) => void kept.set(name, bytes),
};

function schemasOf(reference = 'some:1', more: object = {}): KeptSchemas {
  const image = (name: string, its: string) => ({ name, hash: '', reference: its, parents: [] });
  const keeper = process({
    ...common,
    name: 'database',
    image: 'database',
    health: { command: [], intervalSeconds: 1, timeoutSeconds: 1, startSeconds: 1, retries: 1 },
  });
  const images = [image('some', reference), image('database', 'database:1')];
  return new KeptSchemas({ images, ledger: { ...ledger, ...more }, processes: [keeper] }, store, exec);
}

/** Brings a job about in databases that hold nothing, unless they do. */
async function bring(one: Job = schema, schemas = schemasOf(), signal = new AbortController().signal) {
  const context = { signal, waiting() {}, progress() {}, log: (line: string) => void lines.push(line) };
  await schemas.bring(one, context, async () => {
    ran += 1;
    content = made;
  });
}

describe('what a schema job makes', () => {
  test('is kept the first time, and loaded the next', async () => {
    await bring();
    expect([ran, asked, content]).toEqual([1, ['state', 'take'], made]);
    expect([...kept.values()].map(String)).toEqual([made]);
    content = '';
    await bring();
    expect([ran, asked.slice(2), content]).toEqual([1, ['state', 'load'], made]);
  });

  test('is not loaded over anything, nor kept with it', async () => {
    content = 'data';
    await bring();
    await bring();
    expect([ran, kept.size, asked]).toEqual([2, 0, ['state', 'state']]);
  });

  test('is another of another image, command or input, or with a setting of cloud.yaml', async () => {
    const variants: [Job, KeptSchemas][] = [
      [schema, schemasOf()],
      [schema, schemasOf('some:2')],
      [{ ...schema, command: ['other'] }, schemasOf()],
      [{ ...schema, schema: { databases: ['one', 'two'], inputs: { brokers: 3 } } }, schemasOf()],
      [withOption({ value: 1, setting: 'config.some.conf.database.x' }), schemasOf()],
    ];
    for (const [one, schemas] of variants) {
      content = '';
      await bring(one, schemas);
    }
    expect([ran, kept.size]).toEqual([variants.length, variants.length]);
  });

  test('is the same with another address or password in its files', async () => {
    await bring(withOption({ value: 'mysql://one' }));
    content = '';
    await bring(withOption({ value: 'mysql://two' }));
    expect([ran, kept.size]).toEqual([1, 1]);
  });

  test('is made by the job where there is no database to ask, or it does more', async () => {
    await bring(schema, schemasOf('some:1', { schemas: undefined }));
    const { schema: _schema, ...other } = schema;
    await bring(other);
    expect([ran, asked, kept.size]).toEqual([2, [], 0]);
  });
});

describe('what goes wrong', () => {
  test.each(['state', 'take'])('with %s costs nothing but the archive', async (what) => {
    broken = [what];
    await bring();
    expect([ran, content, kept.size]).toEqual([1, made, 0]);
    expect(lines.join()).toContain(`no ${what} today`);
  });

  test('while it is loaded is undone before the job runs', async () => {
    await bring();
    content = '';
    broken = ['load'];
    await bring();
    expect([ran, content, asked.slice(2)]).toEqual([2, made, ['state', 'load', 'state', 'take']]);
  });

  test('in the job fails it, and nothing is kept', async () => {
    const context = { signal: new AbortController().signal, waiting() {}, progress() {}, log() {} };
    const failing = schemasOf().bring(schema, context, async () => {
      throw new Error('exit code 1');
    });
    await expect(failing).rejects.toThrow('exit code 1');
    expect(kept.size).toBe(0);
  });

  test('by an interruption is no reason to run the job', async () => {
    broken = ['state'];
    await expect(bring(schema, schemasOf(), AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
      'stopped',
    );
    expect(ran).toBe(0);
  });
});

function withOption(option: { value: string | number; setting?: string }): Job {
  const path = '/etc/gantry/some.conf';
  const sections = { database: { x: option } };
  return {
    ...schema,
    files: [{ path, content: '', mode: 0o440, uid: 0, gid: 1, secret: true, reloadable: false, sections }],
  };
}
