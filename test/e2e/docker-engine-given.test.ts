import { execFile } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkBlockDevices } from '../../engines/docker/block-devices.ts';
import type { Process } from '../../src/model/workload.ts';
import { buildForSuite } from './built-images.ts';
import { desiredOf, keeper, makeFoundations, output, Session, useDockerCloud } from './docker-cloud.ts';
import {
  askByDatagram,
  askInside,
  echoOf,
  givenImage,
  limitedOf,
  readLimit,
  writeAndRead,
  writerOf,
} from './given.ts';

const run = promisify(execFile);
const MIB = 1024 ** 2;

let reference: string;

useDockerCloud();

beforeAll(async () => {
  ({ [givenImage]: reference } = await buildForSuite('given', [givenImage]));
  await makeFoundations();
});

function sessionOf(...processes: Process[]): Session {
  const desired = desiredOf([keeper, ...processes]);
  const images = [...desired.images, { name: givenImage, hash: '', reference, parents: [] }];
  return new Session({ ...desired, images });
}

/** Gives the work a loop device, which is gone afterwards. */
async function withLoopDevice(work: (device: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-loop-'));
  const file = join(directory, 'disk');
  await writeFile(file, '');
  await truncate(file, 32 * MIB);
  try {
    const device = (await run('losetup', ['--find', '--show', file])).stdout.trim();
    try {
      await work(device);
    } finally {
      await run('losetup', ['--detach', device]);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('a process on a Docker Engine is given of its machine', () => {
  test('a block device, unless that holds something of others', () =>
    withLoopDevice(async (device) => {
      const levels = async (process: Process) =>
        (await checkBlockDevices([process], new Set())).map(({ level, message }) => `${level} ${message}`);
      const writer = writerOf('writer', device, ['swap']);
      expect(await levels(writer)).toEqual(['ok for writer']);
      await run('mkswap', [device]);
      expect(await levels(writer)).toEqual(['ok for writer']);
      await sessionOf(writer).up(writer);
      expect(await output('writer', writeAndRead)).toBe('seen');
      await run('mkfs.ext4', ['-q', '-F', device]);
      expect(await levels(writer)).toEqual(['error writer would write to it, and it has ext4']);
    }));

  test('CPUs, memory of its NUMA nodes, and no more memory than it may have', async () => {
    const last = `${cpus().length - 1}`;
    const limited = limitedOf('limited', { memoryMiB: 96, cpuset: last, numaNodes: '0' });
    await sessionOf(limited).up(limited);
    const status = await output('limited', ['grep', '_allowed_list', '/proc/self/status']);
    expect(status.split(/\s+/)).toEqual(['Cpus_allowed_list:', last, 'Mems_allowed_list:', '0']);
    expect(await output('limited', readLimit)).toBe(`${96 * MIB}`);
  });

  test('a port for UDP, at the public address and by its name inside', async () => {
    const echo = echoOf('echo', 15_354);
    const asker = limitedOf('asker', {});
    const session = sessionOf(echo, asker);
    await Promise.all([session.up(echo), session.up(asker)]);
    expect(await askByDatagram('127.0.0.1', 15_354, 'from outside')).toBe('FROM OUTSIDE');
    expect(await output('asker', askInside('echo', 'from inside'))).toBe('FROM INSIDE');
  });
});
