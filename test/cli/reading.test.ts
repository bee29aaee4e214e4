import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mapBounded } from '../../engines/kubernetes/api/pool.ts';
import { ensureAuthority, ensureCertificate } from '../../src/secrets/authority.ts';
import { filesIn } from '../../src/secrets/files.ts';
import { openSecrets } from '../../src/secrets/store.ts';
import { type Result, start } from '../e2e/gantry.ts';
import { lookAt, readingCommands } from '../e2e/reading.ts';

const launcher = join(import.meta.dirname, '../../gantry');
const cloud = `gantryread${process.pid}`;
const commands = readingCommands();

let directory: string;
let states: string;
let state: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-reading-'));
  states = join(directory, 'states');
  state = join(states, cloud);
  await writeFile(join(directory, 'cloud.yaml'), `name: ${cloud}\npublic: {hostname: cloud.example.org}\n`);
  await fill();
});

afterAll(() => rm(directory, { recursive: true }));

/** A state that lacks secrets, is open to others, and whose certificate has another name and is due. */
async function fill(): Promise<void> {
  const files = filesIn(state);
  openSecrets(files, { random: randomBytes }).ensure([{ name: 'demo-key', kind: 'ssh-ed25519' }]);
  const clock = (): Date => new Date(Date.now() - 360 * 24 * 3_600_000);
  const authority = await ensureAuthority(files, clock);
  await ensureCertificate(files, { authority, names: { dns: ['localhost'], ip: ['127.0.0.1'] }, clock });
  await chmod(state, 0o755);
  await chmod(join(state, 'secrets.json'), 0o644);
}

/** Runs every command that only reads, by a program with these arguments before the command's own. */
function runAll(program: string, before: string[], gantryState: string, asked = commands): Promise<Result[]> {
  return mapBounded(
    asked,
    4,
    (command) =>
      start(program, [...before, ...command], {
        cwd: directory,
        environment: { GANTRY_STATE: gantryState },
        limitMs: 120_000,
      }).finished,
  );
}

function codesOf(results: Result[]): Record<string, number | string> {
  return Object.fromEntries(results.map(({ code }, index) => [commands[index]?.join(' '), code]));
}

describe('commands that read', () => {
  let codes: ReturnType<typeof codesOf>;

  test('leave a state as it is, of which something is missing, due and open to others', async () => {
    const before = await lookAt(states);
    const results = await runAll(launcher, [], states);
    codes = codesOf(results);
    expect(await lookAt(states)).toEqual(before);
    const errors = results.map(
      ({ code, stderr }, index) => `${commands[index]?.join(' ')}: ${code} ${stderr}`,
    );
    expect(codes, errors.join('\n')).toMatchObject({
      plan: 0,
      'up --dry-run': 0,
      'config show': 0,
      'images graph': 0,
    });
  });

  test('make no directory', async () => {
    const missing = join(directory, 'missing');
    const asked = [['plan'], ['doctor']];
    const results = await runAll(launcher, [], missing, asked);
    expect(results.map(({ stderr }) => stderr).join('')).not.toContain('defect');
    expect(existsSync(missing)).toBe(false);
  });

  test('do the same on a file system that cannot be written to', async () => {
    const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
    const before = ['--mount', 'sh', '-c', script, 'sh', states, launcher];
    const results = await runAll('unshare', before, states);
    expect(codesOf(results)).toEqual(codes);
    for (const { stderr } of results) expect(stderr).not.toMatch(/read-only|EROFS|mount/);
  });
});
