import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KnownVolumes } from './known.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-known-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function load(): Promise<KnownVolumes> {
  const known = new KnownVolumes(join(directory, 'known.json'));
  await known.load();
  return known;
}

it('keeps what there is over restarts, also of calls at the same time', async () => {
  const known = await load();
  const names = Array.from({ length: 20 }, (_, index) => `v${index}`);
  await Promise.all(names.map((name) => known.set(name, { id: `id-${name}`, createdAt: '2026-01-01' })));
  await known.forget('v0');
  const again = await load();
  expect(again.entries().map(([name]) => name)).toEqual(names.slice(1));
  expect(again.get('v1')).toEqual({ id: 'id-v1', createdAt: '2026-01-01' });
  await again.replace([['other', { id: 'x', createdAt: '' }]]);
  expect((await load()).entries()).toEqual([['other', { id: 'x', createdAt: '' }]]);
});

it('begins with nothing where the file is damaged', async () => {
  for (const text of ['{', '[]', '{"a": 1}']) {
    await writeFile(join(directory, 'known.json'), text);
    expect((await load()).entries()).toEqual([]);
  }
  expect(await readFile(join(directory, 'known.json'), 'utf8')).toBe('{"a": 1}');
});
