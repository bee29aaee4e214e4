import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf, type Probe, readProbe } from './content.ts';

/**
 * What is on a disk, by the real blkid on real files: made by the tools themselves where those are in every Debian, else
 * byte by byte, as the formats say.
 */
const MIB = 2 ** 20;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-content-'));
});
afterAll(() => rm(directory, { recursive: true }));

const run = (program: string, ...args: string[]): Promise<Probe> =>
  new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } },
      (error, stdout) => {
        if (!error) resolve({ code: 0, stdout });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout });
        else reject(error);
      },
    );
  });

type Piece = [offset: number, bytes: Buffer];

async function write(name: string, size: number, ...pieces: Piece[]): Promise<string> {
  const path = join(directory, name);
  const file = await open(path, 'w');
  await file.truncate(size);
  for (const [offset, bytes] of pieces) await file.write(bytes, 0, bytes.length, offset);
  await file.close();
  return path;
}

async function look(path: string, size = 8 * MIB) {
  const file = await open(path, 'r');
  try {
    return await contentOf(await run('blkid', '-p', '-o', 'export', path), file, size);
  } finally {
    await file.close();
  }
}

const uuid = '0f0e0d0c-0b0a-4908-8706-050403020100';
const littleEndian = (...values: [bytes: number, value: number | bigint][]): Buffer =>
  Buffer.concat(
    values.map(([bytes, value]) => {
      const buffer = Buffer.alloc(bytes);
      if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value));
      else buffer.writeUIntLE(Number(value), 0, bytes);
      return buffer;
    }),
  );

/** LUKS 1: https://gitlab.com/cryptsetup/cryptsetup/-/wikis/LUKS-standard/on-disk-format.pdf, figure 1 */
const luks: Piece[] = [[0, Buffer.from('LUKS\xba\xbe\0\x01', 'latin1')]];

/** A label of LVM in the second sector (lvm2, lib/label/label.h), with its sum, which starts at a number of LVM's own. */
function lvm(): Piece[] {
  const body = Buffer.concat([
    littleEndian([4, 32]),
    Buffer.from('LVM2 001'),
    Buffer.from('abcdefghijklmnopqrstuvwxyz012345'),
    littleEndian([8, 8 * MIB]),
    Buffer.alloc(512 - 72),
  ]);
  const sum = (crc32(body, ~0xf597a6cf >>> 0) ^ 0xffffffff) >>> 0;
  return [[512, Buffer.concat([Buffer.from('LABELONE'), littleEndian([8, 1], [4, sum]), body])]];
}

/** A superblock 1.2 of Linux' RAID, 4 KiB from the start (linux/raid/md_p.h, struct mdp_superblock_1). */
function raid(): Piece[] {
  const block = Buffer.alloc(4096);
  littleEndian([4, 0xa92b4efc], [4, 1]).copy(block, 0);
  Buffer.from('0123456789abcdef').copy(block, 16);
  block.writeBigUInt64LE(8n, 144);
  let sum = 0;
  for (let at = 0; at < 256; at += 4) sum += block.readUInt32LE(at);
  block.writeUInt32LE((sum % 2 ** 32) + Math.floor(sum / 2 ** 32), 216);
  return [[4096, block]];
}

/** Uberblocks of ZFS in its first two labels (ZFS On-Disk Specification, 1.2 and 1.3). */
const zfs: Piece[] = [0, 256 * 1024].flatMap((label) =>
  Array.from({ length: 8 }, (_, index): Piece => {
    return [label + 128 * 1024 + index * 1024, littleEndian([8, 0xbab10c], [8, 5000], [8, index + 1])];
  }),
);

/** A superblock of bcache, with its sum by CRC-64/WE (linux, drivers/md/bcache, struct cache_sb_disk). */
function bcache(): Piece[] {
  const body = Buffer.alloc(200);
  littleEndian([8, 8], [8, 1]).copy(body, 0);
  Buffer.from('c68573f64e1a45ca8265f57f48ba6d81', 'hex').copy(body, 16);
  Buffer.from('0123456789abcdef').copy(body, 32);
  let sum = 2n ** 64n - 1n;
  for (const byte of body) {
    sum ^= BigInt(byte) << 56n;
    for (let bit = 0; bit < 8; bit += 1) {
      const next = (sum << 1n) & (2n ** 64n - 1n);
      sum = sum >> 63n === 1n ? next ^ 0x42f0e1eba9ea3693n : next;
    }
  }
  return [[4096, Buffer.concat([littleEndian([8, sum ^ (2n ** 64n - 1n)]), body])]];
}

/** An entry of a partition table in the first sector: from sector 2048 on, of Linux (0x83). */
function partitions(): Piece[] {
  const entry = Buffer.concat([Buffer.from([0, 0, 0, 0, 0x83, 0, 0, 0]), littleEndian([4, 2048], [4, 4096])]);
  return [
    [446, entry],
    [510, Buffer.from([0x55, 0xaa])],
  ];
}

describe('what is on a disk', () => {
  it.each<[string, Piece[], number, string]>([
    ['LUKS', luks, 8, 'an encrypted device (LUKS)'],
    ['LVM', lvm(), 8, 'a physical volume of LVM'],
    ['RAID', raid(), 8, 'a device of a RAID'],
    ['ZFS', zfs, 64, 'a device of ZFS'],
    ['bcache', bcache(), 8, 'a device of bcache'],
    ['partitions', partitions(), 8, 'a partition table (dos)'],
    ['a byte at the start', [[MIB - 1, Buffer.from([1])]], 8, 'data in its first MiB'],
    ['a byte at the end', [[7 * MIB, Buffer.from([1])]], 8, 'data in its last MiB'],
  ])('is not nothing with %s, and stays as it is', async (name, pieces, mib, found) => {
    const path = await write(name.replaceAll(' ', '-'), mib * MIB, ...pieces);
    const digest = async () =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    const before = await digest();
    expect(await look(path, mib * MIB)).toEqual({ kind: 'other', found });
    expect(await digest()).toBe(before);
  });

  it('is not nothing with swap', async () => {
    const swap = await write('swap', 8 * MIB);
    await run('mkswap', swap);
    expect(await look(swap)).toEqual({ kind: 'other', found: 'swap' });
  });

  it('is a file system that is mounted as it is', async () => {
    const path = await write('ext4', 8 * MIB);
    await run('mkfs.ext4', '-q', '-F', '-U', uuid, path);
    expect(await look(path)).toEqual({ kind: 'filesystem', type: 'ext4', uuid });
  });

  it('is nothing where all of it is zero', async () => {
    expect(await look(await write('empty', 8 * MIB))).toEqual({ kind: 'empty' });
    expect(await look(await write('small', 4096), 4096)).toEqual({ kind: 'empty' });
  });

  it('refuses a file system that is none of those that it makes', () => {
    const said = (stdout: string) => readProbe({ code: 0, stdout });
    expect(said('TYPE=btrfs\nUSAGE=filesystem\n')).toEqual({ kind: 'other', found: 'btrfs' });
    expect(said('TYPE=xfs\nUSAGE=filesystem\nUUID=a\n')).toEqual({
      kind: 'filesystem',
      type: 'xfs',
      uuid: 'a',
    });
    expect(said('PTTYPE=gpt\n')).toEqual({ kind: 'other', found: 'a partition table (gpt)' });
    expect(said('')).toEqual({ kind: 'other', found: 'a signature' });
  });

  it('takes no other end of blkid for nothing', () => {
    for (const code of [1, 4, 8, 127])
      expect(readProbe({ code, stdout: '' })).toMatchObject({ kind: 'other' });
  });
});
