import { beforeAll, describe, expect, test } from 'vitest';
import { DemoServer } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { checksum, Volumes, waitForDisks, writeDisk } from './volumes.ts';

/** Volumes of servers in pools of Ceph, on a real Docker Engine: what counts is what a server reads from its disk. */
const cloud = 'e2ecinder';
const withVolumes = 'services: {ceph: true, cinder: true}\n';

const group = useGroupCloud(cloud, withVolumes);

const volumes = new Volumes(cloud, group);
const openstack = (...words: string[]) => volumes.openstack(...words);

describe('volumes of servers', () => {
  let first: DemoServer;
  let second: DemoServer;
  let written: string;

  testComing(group);
  testChecks(group, 'volumes');

  describe('in servers', () => {
    beforeAll(async () => {
      const { stdout } = await expectDone(group(), 'demo');
      first = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
    });

    test('are disks, which a server writes to', async () => {
      await openstack('volume', 'create', '--size', '1', 'disk');
      await volumes.waitFor('disk', 'available');
      await openstack('server', 'add', 'volume', 'demo', 'disk');
      await volumes.waitFor('disk', 'in-use');
      await waitForDisks(first, { vdb: 1024 });
      written = await writeDisk(first);
    });

    test('are in order, as Cinder, Nova and the hypervisor say', async () => {
      const { stdout } = await expectDone(group(), 'volumes', 'check', '-o', 'json');
      expect(JSON.parse(stdout)).toEqual({ volumes: 1, findings: [], silent: [] });
    });

    test('grow in the server that has them', async () => {
      await openstack('--os-volume-api-version', '3.42', 'volume', 'set', '--size', '2', 'disk');
      await waitForDisks(first, { vdb: 2048 });
      expect(await checksum(first)).toBe(written);
    });

    test('have the same bytes when every container was made again, and the server is started again', async () => {
      await expectDone(group(), 'down', '--yes');
      await expectDone(group(), 'up');
      await waitUntil('the server with its disk', 120_000, async () =>
        (await first.run('cat /proc/partitions').catch(() => '')).includes('vdb') ? true : undefined,
      );
      expect(await checksum(first)).toBe(written);
      await testStillServed();
    });

    test('have the same bytes in another server, which itself starts from a volume made of an image', async () => {
      const image = (await openstack('image', 'list', '-f', 'value', '-c', 'ID')).trim().split('\n')[0] ?? '';
      await openstack('volume', 'create', '--size', '1', '--image', image, 'system');
      await volumes.waitFor('system', 'available');
      second = await volumes.start('second', first, '--volume', 'system');

      await openstack('server', 'remove', 'volume', 'demo', 'disk');
      await volumes.waitFor('disk', 'available');
      await waitForDisks(first, {});
      await openstack('server', 'add', 'volume', 'second', 'disk');
      await volumes.waitFor('disk', 'in-use');
      await waitForDisks(second, { vdb: 2048 });
      expect(await checksum(second)).toBe(written);
    });

    test('go with the demo that they belong to', async () => {
      await expectDone(group(), 'demo', '--remove');
      await waitUntil('no volumes', 60_000, async () =>
        (await group().gantry.output('openstack', 'volume', 'list', '--all-projects', '-f', 'value')) === ''
          ? true
          : undefined,
      );
    });
  });

  /** A new container goes on with the volumes of the one before it. */
  async function testStillServed(): Promise<void> {
    await openstack('volume', 'snapshot', 'create', '--volume', 'disk', '--force', 'kept');
    await waitUntil('a snapshot', 60_000, async () =>
      (await openstack('volume', 'snapshot', 'show', 'kept', '-f', 'value', '-c', 'status')).trim() ===
      'available'
        ? true
        : undefined,
    );
    await openstack('volume', 'snapshot', 'delete', 'kept');
  }

  test('are refused where nothing has pools, at their place', async () => {
    const { gantry } = group();
    await gantry.configure('services: {cinder: true}\n');
    const { code, stderr } = await gantry.run('plan');
    await gantry.configure(withVolumes);
    expect(code).toBe(65);
    expect(stderr).toContain('services.cinder keeps volumes in pools of Ceph, and the service ceph is off');
  });

  testGoing(group);
});
