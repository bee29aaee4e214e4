import { execFile } from 'node:child_process';
import { chmod, chown, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';

/** A Ceph cluster, on a real Docker Engine: one OSD, then two, one again, two, and one on a disk beside them. */
const withCeph = 'services: {ceph: true}\n';
/** As cloud.yaml has it under storage.ceph. */
const withSettings = (settings: string) => `${withCeph}storage: {ceph: {${settings}}}\n`;
const run = promisify(execFile);
const daemons = ['ceph-mon', 'ceph-mgr', 'ceph-osd-1'];

const group = useGroupCloud('e2eceph', withCeph);

/** A command in the monitor's container, where Ceph's own tools are. */
const inMonitor = (...command: string[]) =>
  group().gantry.output('exec', 'ceph-mon', '--', 'timeout', '60', ...command);

async function waitForHealth(limitMs = 90_000): Promise<void> {
  await waitUntil('HEALTH_OK', limitMs, async () => {
    const { stdout } = await group().gantry.run('exec', 'ceph-mon', '--', 'timeout', '10', 'ceph', 'health');
    return stdout.trim() === 'HEALTH_OK' ? true : undefined;
  });
}

/** What is in the image, by its checksum. */
const checksum = async () =>
  (
    await inMonitor(
      'bash',
      '-c',
      'rbd --no-progress --name client.openstack export volumes/disk - | sha256sum',
    )
  ).trim();

/** Gives the work a device of 6 GiB that a group may write to, as udev has those of disks, which is gone afterwards. */
async function withDisk(work: (device: string) => Promise<void>): Promise<void> {
  const file = join(group().directory, 'disk');
  await writeFile(file, '');
  await truncate(file, 6 * 1024 ** 3);
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

async function statusOfOsds(): Promise<{ host: string; weight: number; groups: number | null }[]> {
  const { stdout } = await group().gantry.run('status', '-o', 'json');
  return JSON.parse(stdout).services.ceph.osds;
}

describe('pools of block devices', () => {
  testComing(group);
  testChecks(group, 'block pools');

  test('are healthy with one copy, of which an operator is told', async () => {
    await waitForHealth();
    const { stdout } = await expectDone(group(), 'doctor');
    expect(stdout).toMatch(/copies of blocks +.*one: what is on a volume that is lost is lost/);
    expect((await group().gantry.output('status')).split('\n')).toContainEqual(
      expect.stringMatching(/^ceph-osd-1 +osd\.0 +up +81 /),
    );
  });

  test('have the same bytes when each daemon was killed, and when all containers were made again', async () => {
    const { gantry, containers } = group();
    const client = ['rbd', '--name', 'client.openstack'];
    await inMonitor(...client, 'create', '--size', '64M', 'volumes/disk');
    await inMonitor(...client, 'bench', '--io-type', 'write', '--io-total', '32M', 'volumes/disk');
    const written = await checksum();
    for (const daemon of daemons) {
      await gantry.run('exec', daemon, '--', 'bash', '-c', 'kill -9 $(< /proc/1/task/1/children)');
      await waitForHealth();
      expect(await checksum(), daemon).toBe(written);
    }
    for (const daemon of daemons) await containers.remove(daemon);
    await expectDone({ gantry }, 'up');
    await waitForHealth();
    expect(await checksum()).toBe(written);
    await expectDone({ gantry }, 'plan', '--detailed-exitcode');
  });

  test('are on one volume more, which leaves once it is empty, not before', async () => {
    const { gantry, containers } = group();
    const written = await checksum();
    const before = await containers.identities();
    await gantry.configure(withSettings('volumes: 2, replicas: 1'));
    await expectDone({ gantry }, 'up');
    await waitUntil('data on the new OSD', 90_000, async () =>
      (await statusOfOsds()).some(({ host, groups }) => host === 'ceph-osd-2' && groups) ? true : undefined,
    );
    expect(await containers.identities()).toMatchObject(before);

    await gantry.configure(withCeph);
    for (const command of ['plan', 'up']) {
      const { code, stderr } = await gantry.run(command);
      expect(code, command).toBe(1);
      expect(stderr).toContain('ceph-osd-2 (osd.1) cannot go: it was not emptied');
    }

    await gantry.configure(withSettings('volumes: 2, replicas: 1, drain: [2]'));
    await expectDone({ gantry }, 'up');
    await waitUntil('an empty OSD', 120_000, async () =>
      (await statusOfOsds()).some(({ host, groups }) => host === 'ceph-osd-2' && groups === 0)
        ? true
        : undefined,
    );
    await gantry.configure(withCeph);
    await expectDone({ gantry }, 'up');
    expect((await statusOfOsds()).map(({ host }) => host)).toEqual(['ceph-osd-1']);
    await waitForHealth();
    expect(await checksum()).toBe(written);
  });

  test('take a volume that was taken out of the cluster as a new one, and grow', async () => {
    const { gantry } = group();
    const written = await checksum();
    await gantry.configure(withSettings('volumes: 2, size: 21Gi'));
    await expectDone({ gantry }, 'up');
    await waitForHealth();
    expect((await statusOfOsds()).map(({ host }) => host)).toEqual(['ceph-osd-1', 'ceph-osd-2']);
    expect(await inMonitor('ceph', 'osd', 'pool', 'get', 'volumes', 'size')).toBe('size: 2\n');
    expect(await inMonitor('ceph', 'df', '--format', 'json')).toContain('"total_bytes":45097156608');
    expect(await checksum()).toBe(written);
  });

  test('are read with one of two OSDs away, of which status tells', async () => {
    const { gantry, containers } = group();
    const written = await checksum();
    await containers.kill('ceph-osd-2');
    const { code, stdout } = await waitUntil('a warning', 60_000, async () => {
      const told = await gantry.run('status');
      return told.stdout.includes('OSD_DOWN') ? told : undefined;
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/ceph-osd-2 +osd\.1 +down/);
    expect(await checksum()).toBe(written);
    await containers.start('ceph-osd-2');
    await waitForHealth();
  });

  test('are on a whole disk as well, unless that holds something of others', () =>
    withDisk(async (device) => {
      const { gantry, containers } = group();
      const written = await checksum();
      const withDevice = (more: string) =>
        withSettings(`volumes: 2, replicas: 2, devices: [{path: ${device}}]${more}`);
      await gantry.configure(withDevice(''));
      await run('mkfs.ext4', ['-q', device]);
      const { code, stderr } = await gantry.run('up');
      expect(code).toBe(1);
      expect(stderr).toMatch(/ceph-disk-\S+ would write to it, and it has ext4/);

      await run('wipefs', ['--all', device]);
      await expectDone({ gantry }, 'up');
      await waitForHealth();
      const disk = [...(await containers.inspect()).keys()].find((name) =>
        name.startsWith('ceph-disk-'),
      ) as string;
      expect((await statusOfOsds()).map(({ host }) => host)).toContain(disk);
      await containers.remove(disk);
      await expectDone({ gantry }, 'up');
      await waitForHealth();
      expect(await checksum()).toBe(written);

      await gantry.configure(withDevice(`, drain: [${device}]`));
      await expectDone({ gantry }, 'up');
      await waitUntil('an empty OSD', 120_000, async () =>
        (await statusOfOsds()).some(({ host, groups }) => host === disk && groups === 0) ? true : undefined,
      );
      await gantry.configure(withSettings('volumes: 2'));
      await expectDone({ gantry }, 'up');
      expect((await statusOfOsds()).map(({ host }) => host)).toEqual(['ceph-osd-1', 'ceph-osd-2']);
      expect(await checksum()).toBe(written);
    }));

  test('refuse what cannot be, at its place', async () => {
    const { gantry } = group();
    for (const [settings, said] of [
      [
        'volumes: 2, replicas: 3',
        'storage.ceph.replicas wants 3 copies on different volumes and devices, of which there are 2',
      ],
      ['drain: [2]', 'storage.ceph.drain names 2, which is none of those that there are'],
      ['size: 1Gi', 'storage.ceph.size must be at least 5Gi'],
    ]) {
      await gantry.configure(withSettings(settings as string));
      const { code, stderr } = await gantry.run('plan');
      await gantry.configure(withCeph);
      expect(code, settings).toBe(65);
      expect(stderr).toContain(said);
    }
  });

  testGoing(group);
});
