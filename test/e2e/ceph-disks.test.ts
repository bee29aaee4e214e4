import { execFile } from 'node:child_process';
import { chmod, chown, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { CephCluster, withCeph } from './ceph-cluster.ts';
import { waitUntil } from './gantry.ts';
import { useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';

/** What OSDs are on, on a real Docker Engine: volumes that grow, leave and come back, one that is away, and a disk. */
const run = promisify(execFile);
const GIB = 1024 ** 3;

const group = useGroupCloud('e2ecephdisks', withCeph('volumes: 2'));
const cluster = new CephCluster(group);
let written: string;

beforeAll(async () => {
  await cluster.writeImage();
  written = await cluster.checksum();
});

/** Gives the work a device of 6 GiB that a group may write to, as udev has those of disks, which is gone afterwards. */
async function withDisk(work: (device: string) => Promise<void>): Promise<void> {
  const file = join(group().directory, 'disk');
  await writeFile(file, '');
  await truncate(file, 6 * GIB);
  const device = (await run('losetup', ['--find', '--show', file])).stdout.trim();
  const { gid, mode } = await stat(device);
  try {
    await run('chgrp', ['disk', device]);
    await chmod(device, 0o660);
    await work(device);
  } finally {
    await chown(device, 0, gid);
    await chmod(device, mode & 0o777);
    await run('losetup', ['--detach', device]);
  }
}

describe('two copies of blocks', () => {
  test('are on larger volumes where these are to be larger', async () => {
    const { gantry } = group();
    await gantry.configure(withCeph('volumes: 2, size: 21Gi'));
    await expectDone({ gantry }, 'up');
    await cluster.waitForHealth();
    expect(await cluster.inMonitor('ceph', 'osd', 'pool', 'get', 'volumes', 'size')).toBe('size: 2\n');
    expect(await cluster.inMonitor('ceph', 'df', '--format', 'json')).toContain(`"total_bytes":${42 * GIB}`);
    expect(await cluster.checksum()).toBe(written);
  });

  test('are read with one of two OSDs away, of which status tells', async () => {
    const { gantry, containers } = group();
    await containers.kill('ceph-osd-2');
    const { code, stdout } = await waitUntil('a warning', 60_000, async () => {
      const told = await gantry.run('status');
      return told.stdout.includes('OSD_DOWN') ? told : undefined;
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/ceph-osd-2 +osd\.\d +down/);
    expect(await cluster.checksum()).toBe(written);
    await containers.start('ceph-osd-2');
    await cluster.waitForHealth();
  });

  test('are on a whole disk as well, unless that holds something of others', () =>
    withDisk(async (device) => {
      const { gantry, containers } = group();
      const withDevice = (more = '') =>
        withCeph(`volumes: 2, replicas: 2, size: 21Gi, devices: [{path: ${device}}]${more}`);
      await gantry.configure(withDevice());
      await run('mkfs.ext4', ['-q', device]);
      const { code, stderr } = await gantry.run('up');
      expect(code).toBe(1);
      expect(stderr).toMatch(/ceph-disk-\S+ would write to it, and it has ext4/);

      await run('wipefs', ['--all', device]);
      await expectDone({ gantry }, 'up');
      await cluster.waitForHealth();
      const disk = (await cluster.hosts()).find((host) => host.startsWith('ceph-disk-')) ?? '';
      await containers.remove(disk);
      await expectDone({ gantry }, 'up');
      await cluster.waitForHealth();
      expect(await cluster.checksum()).toBe(written);

      await gantry.configure(withDevice(`, drain: [${device}]`));
      await expectDone({ gantry }, 'up');
      await cluster.waitForGroups(disk, (groups) => groups === 0);
      await gantry.configure(withCeph('volumes: 2, size: 21Gi'));
      await expectDone({ gantry }, 'up');
      expect(await cluster.hosts()).toEqual(['ceph-osd-1', 'ceph-osd-2']);
      expect(await cluster.checksum()).toBe(written);
    }));

  test('are on a volume again that was taken out of the cluster, as on a new one', async () => {
    const { gantry } = group();
    await gantry.configure(withCeph('volumes: 2, replicas: 1, size: 21Gi, drain: [2]'));
    await expectDone({ gantry }, 'up');
    await cluster.waitForGroups('ceph-osd-2', (groups) => groups === 0);
    await gantry.configure(withCeph('size: 21Gi'));
    await expectDone({ gantry }, 'up');
    expect(await cluster.hosts()).toEqual(['ceph-osd-1']);
    await gantry.configure(withCeph('volumes: 2, size: 21Gi'));
    await expectDone({ gantry }, 'up');
    await cluster.waitForHealth();
    expect(await cluster.hosts()).toEqual(['ceph-osd-1', 'ceph-osd-2']);
    expect(await cluster.checksum()).toBe(written);
  });
});
