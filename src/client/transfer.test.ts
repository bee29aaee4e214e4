import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Taken } from './places.ts';
import { type ClientSession, type Exec, openSession } from './session.ts';
import { findWritten, give, mark, take } from './transfer.ts';

/** Commands run on this machine, as an engine runs them in the container: without input where none is given. */
const exec: Exec = async ([program = '', ...args], { stdin, stdout, stderr, signal }) => {
  const child = spawn(program, args, {
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  if (stdin instanceof Readable && child.stdin) {
    // A command that ends without having read it says so by its exit code.
    child.stdin.on('error', () => {});
    stdin.pipe(child.stdin);
  }
  if (stdout) child.stdout?.pipe(stdout, { end: false });
  if (stderr) child.stderr?.pipe(stderr, { end: false });
  const [code, killed] = await once(child, 'close');
  return code ?? (killed ? 255 : 1);
};

const quiet = { signal: new AbortController().signal, report: () => {} };
let base: string;
let mine: string;
let session: ClientSession;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'gantry-client-'));
  mine = mkdtempSync(join(tmpdir(), 'gantry-user-'));
  session = await openSession(exec, base);
});
afterEach(() => {
  for (const directory of [base, mine]) rmSync(directory, { recursive: true, force: true });
});
const left = () => readdirSync(base).filter((name) => name !== '.lock');
const taken = (name: string, more: Partial<Taken> = {}): Taken => ({
  path: name,
  target: join(mine, name),
  place: `here/${name}`,
  mode: undefined,
  append: false,
  exists: false,
  ...more,
});
/** Has the client write a file, and takes it. */
async function write(file: Taken, text: string): Promise<void> {
  await mark(exec, session.directory, [file]);
  writeFileSync(join(session.directory, file.place), text);
  const [size] = await findWritten(exec, session.directory, [file]);
  await take(exec, session.directory, file, size as number, quiet);
}

describe('a session', () => {
  test('removes its directory when it is done, and leaves those of others', async () => {
    const other = await openSession(exec, base);
    await session.end('done');
    expect(left()).toEqual([other.directory.slice(base.length + 1)]);
    await other.end('done');
    expect(left()).toEqual([]);
  });

  test('that is interrupted ends its command first', async () => {
    const command = exec(session.wrap(['sh', '-c', 'echo here; exec sleep 60']), {});
    while (!readdirSync(session.directory).includes('pid')) await new Promise(setImmediate);
    await session.end('interrupted');
    expect(await command).not.toBe(0);
    expect(left()).toEqual([]);
  });

  test('removes what one that was killed has left', async () => {
    mkdirSync(join(base, 'abcdefgh'));
    writeFileSync(join(base, 'abcdefgh/lock'), '');
    mkdirSync(join(base, 'ijklmnop/here'), { recursive: true });
    const next = await openSession(exec, base);
    expect(left()).toHaveLength(2);
    await next.end('done');
    await session.end('done');
  });

  test('runs the command where relative paths lead to the files', async () => {
    writeFileSync(join(mine, 'a'), 'content');
    const given = { path: 'sub/a', source: join(mine, 'a'), size: 7, place: 'here/sub/a' };
    await give(exec, session.directory, given, quiet);
    expect(await exec(session.wrap(['sh', '-c', '[ "$(cat sub/a)" = content ]']), {})).toBe(0);
    await session.end('done');
  });
});

describe('a file', () => {
  afterEach(() => session.end('done'));

  test('that is taken has the mode that new files have, or its own', async () => {
    chmodSync(mine, 0o700);
    writeFileSync(join(mine, 'there'), 'old');
    chmodSync(join(mine, 'there'), 0o640);
    await write(taken('there'), 'new');
    await write(taken('key', { mode: 0o600 }), 'secret');
    await write(taken('plain'), 'text');
    const modes = ['there', 'key', 'plain'].map((name) => statSync(join(mine, name)).mode & 0o777);
    expect(modes).toEqual([0o640, 0o600, 0o666 & ~process.umask()]);
    expect(readFileSync(join(mine, 'there'), 'utf8')).toBe('new');
    expect(readdirSync(mine).sort()).toEqual(['key', 'plain', 'there']);
  });

  test('that is added to keeps what it has', async () => {
    writeFileSync(join(mine, 'log'), 'one\n');
    await write(taken('log', { append: true }), 'two\n');
    expect(readFileSync(join(mine, 'log'), 'utf8')).toBe('one\ntwo\n');
  });

  test('that does not come whole is not taken', async () => {
    writeFileSync(join(mine, 'out'), 'old');
    await mark(exec, session.directory, [taken('out')]);
    writeFileSync(join(session.directory, 'here/out'), 'half');
    await expect(take(exec, session.directory, taken('out'), 8, quiet)).rejects.toThrow('did not come whole');
    expect(readFileSync(join(mine, 'out'), 'utf8')).toBe('old');
    expect(readdirSync(mine)).toEqual(['out']);
  });

  test('that cannot be stored says why', async () => {
    writeFileSync(join(mine, 'a'), 'content');
    const given = { path: 'a', source: join(mine, 'a'), size: 7, place: 'here' };
    await expect(give(exec, session.directory, given, quiet)).rejects.toMatchObject({
      message: 'a could not be handed to the client',
      why: expect.stringMatching(/directory/i),
    });
  });

  test('of which reading fails is named', async () => {
    const given = { path: 'a', source: join(mine, 'nowhere'), size: 7, place: 'here/a' };
    await expect(give(exec, session.directory, given, quiet)).rejects.toThrow('a could not be read');
  });
});
