import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { filesIn } from '../../src/secrets/files.ts';
import { openSecrets, type SecretStore } from '../../src/secrets/store.ts';
import { look, noteCommand } from '../e2e/artifacts.ts';
import { lookAt } from '../e2e/reading.ts';

let directory: string;
let cloud: { name: string; state: string };
let secrets: SecretStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-artifacts-'));
  cloud = { name: 'demo', state: join(directory, 'state') };
  await mkdir(cloud.state, { mode: 0o700 });
  secrets = openSecrets(filesIn(cloud.state), { random: randomBytes });
  secrets.ensure([
    { name: 'password', kind: 'password' },
    { name: 'key', kind: 'ssh-ed25519' },
  ]);
  vi.stubEnv('GANTRY_TEST_ARTIFACTS', directory);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

const kept = () => readFile(join(directory, 'demo.commands.log'), 'utf8');
const said = (stdout: string) => ({ code: 0, seconds: 1, stdout, stderr: 'done\n' });

test('after a failure status, plan and the last lines of each process are asked for, whatever one of them does', async () => {
  const asked: string[] = [];
  await look({
    name: 'demo',
    run: async (...args) => {
      asked.push(args.join(' '));
      if (args[0] === 'plan') throw new Error('gantry plan took more than 60 s');
      return said('');
    },
  });
  expect(asked).toEqual(['status', 'plan', 'logs --tail 200']);
  expect(await kept()).toBe('gantry plan took more than 60 s\n');
});

test('what processes write is kept without secrets, and the state stays as it is', async () => {
  const before = await lookAt(cloud.state);
  const [password, key] = [secrets.get('password'), secrets.get('key')];
  await noteCommand(cloud, ['logs'], said(`nova-api | 500 for ${password}\n${key}`));
  const text = await kept();
  expect(text).toMatch(/^\$ gantry logs\n\(ended with 0 after 1.0 s\)\nnova-api \| 500 for \[secret\]\n/);
  expect(text).toContain('done\n');
  const [, line = ''] = key.split('\n');
  expect(line.length).toBeGreaterThan(20);
  expect(text).not.toContain(line);
  expect(await lookAt(cloud.state)).toEqual(before);
});

test('of more than anybody reads the end is kept', async () => {
  await noteCommand(cloud, ['logs'], said(`first\n${'x'.repeat(3 * 2 ** 20)}\nlast\n`));
  const text = await kept();
  expect(text.length).toBeLessThan(2.1 * 2 ** 20);
  expect(text).not.toContain('first');
  expect(text).toContain('last\ndone\n');
});
