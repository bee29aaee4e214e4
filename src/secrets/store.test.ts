import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GantryError } from '../errors.ts';
import type { SecretNeed } from '../model/declaration.ts';
import { DraftFiles, filesIn } from './files.ts';
import { openSecrets } from './store.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gantry-secrets-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Bytes that look random and are the same in every run. */
function seeded(seed = 'seed') {
  let count = 0;
  return (bytes: number): Uint8Array => {
    const blocks: Buffer[] = [];
    for (let length = 0; length < bytes; length += 32) {
      count += 1;
      blocks.push(createHash('sha256').update(`${seed}${count}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, bytes);
  };
}

const needs: SecretNeed[] = [
  { name: 'keystone-db', kind: 'password' },
  { name: 'keystone-fernet', kind: 'fernet' },
  { name: 'metadata', kind: 'hex' },
  { name: 'compute-id', kind: 'uuid' },
  { name: 'demo-key', kind: 'ssh-ed25519' },
  { name: 'ceph-admin', kind: 'cephx' },
];

function thrownBy(run: () => unknown): GantryError {
  try {
    run();
  } catch (error) {
    if (error instanceof GantryError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the secrets of a cloud', () => {
  test('have the form of their kind', () => {
    const store = openSecrets(filesIn(directory), { random: seeded() });
    expect(store.ensure(needs)).toEqual(needs.map(({ name }) => name));
    expect(store.get('keystone-db')).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(Buffer.from(store.get('keystone-fernet'), 'base64url')).toHaveLength(32);
    expect(store.get('keystone-fernet')).toMatch(/^[\w-]{43}=$/);
    expect(store.get('metadata')).toMatch(/^[0-9a-f]{64}$/);
    expect(store.get('compute-id')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const key = Buffer.from(store.get('ceph-admin'), 'base64');
    expect([key.length, key.readUInt16LE(0), key.readUInt16LE(10)]).toEqual([28, 1, 16]);
  });

  test('take turns: another password becomes valid, is put to use, and the one before is forgotten', () => {
    const store = openSecrets(filesIn(directory), { random: seeded() });
    store.ensure(needs);
    const before = store.get('keystone-db');
    expect(store.turn('keystone-db')).toBeUndefined();
    store.addOther(['keystone-db']);
    const after = store.get('keystone-db.other');
    expect([store.get('keystone-db'), store.turn('keystone-db')]).toEqual([
      before,
      { second: false, both: true },
    ]);
    store.addOther(['keystone-db']);
    store.switchToOther(['keystone-db']);
    const again = openSecrets(filesIn(directory), { random: seeded('other') });
    expect([again.get('keystone-db'), again.get('keystone-db.other')]).toEqual([after, before]);
    expect(again.turn('keystone-db')).toEqual({ second: true, both: true });
    expect(again.values()).toEqual(expect.arrayContaining([before, after]));
    again.removeOther(['keystone-db']);
    expect(again.turn('keystone-db')).toEqual({ second: true, both: false });
    expect(thrownBy(() => again.get('keystone-db.other'))).toMatchObject({ code: 'secrets.unknown' });
    expect(readFileSync(join(directory, 'secrets.json'), 'utf8')).not.toContain(before);
  });

  test('take turns for good: the other one is made anew each time, and it is known whether its turn is done', () => {
    const store = openSecrets(filesIn(directory), { random: seeded() });
    store.ensure(needs);
    const first = store.get('keystone-db');
    store.renewOther(['keystone-db']);
    store.switchToOther(['keystone-db']);
    const again = openSecrets(filesIn(directory), { random: seeded('other') });
    expect([again.get('keystone-db.other'), again.isChanging('keystone-db')]).toEqual([first, true]);
    again.settle(['keystone-db']);
    expect([again.turn('keystone-db'), again.isChanging('keystone-db')]).toEqual([
      { second: true, both: true },
      false,
    ]);
    const second = again.get('keystone-db');
    again.renewOther(['keystone-db']);
    expect(again.get('keystone-db')).toBe(second);
    expect(again.get('keystone-db.other')).not.toBe(first);
    expect(readFileSync(join(directory, 'secrets.json'), 'utf8')).not.toContain(first);
  });

  test('can be changed for a look, of which nothing is kept unless that is wanted', () => {
    const store = openSecrets(filesIn(directory), { random: seeded() });
    store.ensure(needs);
    const file = join(directory, 'secrets.json');
    chmodSync(file, 0o644);
    const before = { text: readFileSync(file, 'utf8'), ...statSync(file) };
    const draft = new DraftFiles(directory);
    const look = openSecrets(draft, { random: seeded('look') });
    look.addOther(['keystone-db']);
    look.switchToOther(['keystone-db']);
    expect(look.get('keystone-db')).not.toBe(store.get('keystone-db'));
    expect({ text: readFileSync(file, 'utf8'), ...statSync(file) }).toEqual({
      ...before,
      atimeMs: expect.anything(),
      atime: expect.anything(),
    });
    expect(draft.unkept).toEqual(['secrets.json']);

    draft.keep();
    expect(draft.unkept).toEqual([]);
    look.removeOther(['keystone-db']);
    expect(openSecrets(filesIn(directory), { random: seeded() }).get('keystone-db')).toBe(
      look.get('keystone-db'),
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('are made in memory where there is no directory, and none is made', () => {
    const missing = join(directory, 'missing');
    const draft = new DraftFiles(missing);
    const store = openSecrets(draft, { random: seeded() });
    store.ensure(needs);
    expect(openSecrets(draft, { random: seeded('other') }).get('metadata')).toBe(store.get('metadata'));
    expect(existsSync(missing)).toBe(false);
    draft.keep();
    expect(statSync(missing).mode & 0o777).toBe(0o700);
    expect(openSecrets(filesIn(missing), { random: seeded() }).get('metadata')).toBe(store.get('metadata'));
  });

  test('stay as they are when they are asked for again, by another process and with more needs', () => {
    const first = openSecrets(filesIn(directory), { random: seeded('a') });
    first.ensure(needs);
    const second = openSecrets(filesIn(directory), { random: seeded('b') });
    expect(second.ensure([...needs, { name: 'new', kind: 'password' }])).toEqual(['new']);
    for (const { name } of needs) expect(second.get(name)).toBe(first.get(name));
    expect(second.ensure([])).toEqual([]);
    expect(openSecrets(filesIn(directory), { random: seeded() }).get('new')).toBe(second.get('new'));
  });

  test('are all different', () => {
    const store = openSecrets(filesIn(directory), { random: seeded() });
    store.ensure(
      Array.from({ length: 50 }, (_, index) => ({ name: `s${index}`, kind: 'password' as const })),
    );
    expect(new Set(store.values()).size).toBe(50);
  });

  test('are not made from a source that repeats itself', () => {
    const store = openSecrets(filesIn(directory), { random: (bytes) => new Uint8Array(bytes) });
    const two = [needs[0], { name: 'other', kind: 'password' }] as SecretNeed[];
    expect(thrownBy(() => store.ensure(two)).code).toBe('secrets.not-random');
    expect(store.values()).toEqual([]);
  });

  test('are closed to others on disk, whatever the mode was before', () => {
    openSecrets(filesIn(directory), { random: seeded() }).ensure(needs);
    const file = join(directory, 'secrets.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    chmodSync(directory, 0o755);
    openSecrets(filesIn(directory), { random: seeded() });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['no JSON', (text: string) => text.slice(0, -20)],
    ['another format', () => '{"version": 2, "secrets": {}}'],
    ['an empty file', () => ''],
    [
      'a shortened value',
      (text: string) => text.replace(/"value": "([A-Za-z0-9]{32})"/, '"value": "hunter2"'),
    ],
  ])('survive damage (%s): nothing is overwritten, nothing is shown', (_, damage) => {
    const store = openSecrets(filesIn(directory), { random: seeded() });
    store.ensure(needs);
    const file = join(directory, 'secrets.json');
    const damaged = damage(readFileSync(file, 'utf8'));
    writeFileSync(file, damaged);
    const error = thrownBy(() => openSecrets(filesIn(directory), { random: seeded() }));
    expect(error.code).toBe('secrets.damaged');
    const shown = inspect(error, { depth: 10 });
    for (const secret of [...store.values(), 'hunter2']) expect(shown).not.toContain(secret);
    expect(readFileSync(file, 'utf8')).toBe(damaged);
  });

  test('are saved over what an interrupted save left behind', () => {
    const leftover = join(directory, 'secrets.json.new');
    writeFileSync(leftover, '{"vers', { mode: 0o644 });
    const store = openSecrets(filesIn(directory), { random: seeded() });
    store.ensure(needs);
    expect(openSecrets(filesIn(directory), { random: seeded() }).values()).toEqual(
      expect.arrayContaining(store.values()),
    );
    expect(existsSync(leftover)).toBe(false);
    expect(statSync(join(directory, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  test('do not change kind silently', () => {
    const store = openSecrets(filesIn(directory), { random: seeded() });
    store.ensure(needs);
    const error = thrownBy(() => store.ensure([{ name: 'metadata', kind: 'password' }]));
    expect(error.code).toBe('secrets.wrong-kind');
  });

  test('do not show when the store is printed', () => {
    const store = openSecrets(filesIn(directory), { random: seeded() });
    store.ensure(needs);
    const shown = inspect(store, { depth: 10, showHidden: true }) + JSON.stringify(store);
    for (const secret of store.values()) expect(shown).not.toContain(secret);
  });

  test('cannot be kept where a file is in the way', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(thrownBy(() => openSecrets(filesIn(join(file, 'below')), { random: seeded() })).code).toBe(
      'secrets.inaccessible',
    );
  });
});

const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;
test.runIf(hasSshKeygen)('OpenSSH derives the same public key from the private one', () => {
  for (const seed of ['a', 'b', 'c']) {
    const home = mkdtempSync(join(directory, 'ssh-'));
    const store = openSecrets(filesIn(home), { random: seeded(seed) });
    store.ensure([{ name: 'demo', kind: 'ssh-ed25519' }]);
    const file = join(home, 'id_ed25519');
    writeFileSync(file, store.get('demo'), { mode: 0o600 });
    const derived = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' });
    expect(derived.trim()).toBe(store.get('demo.pub'));
  }
});
