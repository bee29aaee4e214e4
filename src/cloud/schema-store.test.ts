import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SchemaStore } from '../engine/engine.ts';
import { schemaStore } from './schema-store.ts';

let directory: string;
let store: SchemaStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-schemas-'));
  store = schemaStore(join(directory, 'schemas'));
});

afterEach(() => rm(directory, { recursive: true }));

test('what was written is read, by nobody else, and what was not is missing', async () => {
  expect(await store.read('nova-schema-1.sql')).toBeUndefined();
  await store.write('nova-schema-1.sql', Buffer.from('CREATE TABLE a'));
  expect(String(await store.read('nova-schema-1.sql'))).toBe('CREATE TABLE a');
  expect((await stat(join(directory, 'schemas', 'nova-schema-1.sql'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(directory, 'schemas'))).mode & 0o777).toBe(0o700);
});

test('the latest eight of each job are kept', async () => {
  await store.write('glance-schema-1.sql', Buffer.from(''));
  for (let count = 1; count <= 10; count++) {
    const name = `nova-schema-${count}.sql`;
    await store.write(name, Buffer.from(''));
    await utimes(join(directory, 'schemas', name), count, count);
  }
  await store.write('nova-schema-11.sql', Buffer.from(''));
  const kept = [4, 5, 6, 7, 8, 9, 10, 11].map((count) => `nova-schema-${count}.sql`);
  expect((await readdir(join(directory, 'schemas'))).sort()).toEqual(['glance-schema-1.sql', ...kept].sort());
});
