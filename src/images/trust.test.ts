import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTrusted } from './trust.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-trust-'));
  for (const [host, file] of [
    ['192.0.2.1:4999', 'ca.crt'],
    ['192.0.2.2:4999', 'client.key'],
  ] as const) {
    await mkdir(join(directory, host));
    await writeFile(join(directory, host, file), `what ${file} holds\n`);
  }
});

afterAll(() => rm(directory, { recursive: true }));

test("a registry is trusted by the Docker Engine's authorities for it, beside those of everybody", async () => {
  const trusted = await readTrusted('192.0.2.1:4999', directory);
  expect(trusted?.at(-1)).toBe('what ca.crt holds\n');
  expect(trusted?.length).toBeGreaterThan(1);
});

test.each(['192.0.2.2:4999', '192.0.2.3:4999'])('%s has none of its own', async (host) => {
  expect(await readTrusted(host, directory)).toBeUndefined();
});
