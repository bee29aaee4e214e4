import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findDisk } from './devices.ts';
import { inOneLine } from './problem.ts';

const volume = '0f0e0d0c-0b0a-4908-8706-050403020100';
let blocks: string;

beforeEach(async () => {
  blocks = await mkdtemp(join(tmpdir(), 'gantry-blocks-'));
});
afterEach(() => rm(blocks, { recursive: true }));

async function plug(name: string, serial?: string): Promise<void> {
  await mkdir(join(blocks, name));
  await writeFile(join(blocks, name, 'size'), '2097152\n');
  await writeFile(join(blocks, name, 'dev'), '254:16\n');
  if (serial !== undefined) await writeFile(join(blocks, name, 'serial'), serial);
}

it('finds a disk by the beginning of its serial, whatever its letter is', async () => {
  await plug('vda');
  await plug('vdb', '11111111-1111-4111-8\n');
  await plug('vdc', volume.slice(0, 20));
  expect(await findDisk(blocks, volume)).toEqual({ name: 'vdc', size: 2 ** 30, number: '254:16' });
});

it('finds none where no serial is like it', async () => {
  await plug('vda', '');
  await plug('vdb', `${volume.slice(0, 19)}f`);
  expect(await findDisk(blocks, volume)).toBeUndefined();
});

it('takes neither of two with one serial', async () => {
  await plug('vdb', volume.slice(0, 20));
  await plug('vdc', volume.slice(0, 20));
  const said = await findDisk(blocks, volume).then(String, inOneLine);
  expect(said).toBe('the disks vdb and vdc have the same serial 0f0e0d0c-0b0a-4908-8');
});
