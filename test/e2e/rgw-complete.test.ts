import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CephCluster } from './ceph-cluster.ts';
import { ApiClient } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { STORE, takeAndGiveBack } from './objects.ts';
import { expectDone } from './parts/cloud.ts';

/** What objects in Ceph outlive, and what takes them beside their users, on a real Docker Engine. */
const group = useGroupCloud('e2ergwcomplete', 'services: {ceph: true, cinder: true, rgw: true}\n');
const cluster = new CephCluster(group);

describe('objects in pools of Ceph', () => {
  const content = randomBytes(3 * 1024 * 1024);
  const first = async () => {
    const api = await ApiClient.open(group().gantry);
    const { status, content: found } = await api.ask('GET', STORE, '/photos/first');
    return { status, isSame: found.equals(content) };
  };
  testComing(group);

  test('have the same bytes when each container was made again, and all of them', async () => {
    const { gantry, containers } = group();
    await takeAndGiveBack(group(), content);
    for (const process of ['ceph-rgw', 'ceph-mon', 'ceph-mgr', 'ceph-osd-1'])
      await containers.remove(process);
    await expectDone({ gantry }, 'up');
    await cluster.waitForHealth();
    expect(await first()).toEqual({ status: 200, isSame: true });
    await expectDone({ gantry }, 'down', '--yes');
    await expectDone({ gantry }, 'up');
    expect(await first()).toEqual({ status: 200, isSame: true });
  });

  test('are what volumes are backed up to, and made of again with the same bytes', async () => {
    const { gantry } = group();
    const openstack = (...words: string[]) => gantry.output('openstack', ...words);
    const reach = (status: string, ...what: string[]) =>
      waitUntil(`${what.join(' ')} ${status}`, 120_000, async () => {
        const seen = (
          await openstack(...what.slice(0, -1), 'show', what.at(-1) ?? '', '-f', 'value', '-c', 'status')
        ).trim();
        if (seen.startsWith('error')) throw new Error(`${what.join(' ')} is ${seen}`);
        return seen === status ? true : undefined;
      });
    const imageOf = async (name: string) =>
      `volumes/volume-${(await openstack('volume', 'show', name, '-f', 'value', '-c', 'id')).trim()}`;
    const checksum = async (name: string) =>
      cluster.inMonitor('bash', '-c', `rbd --no-progress export ${await imageOf(name)} - | sha256sum`);
    await openstack('volume', 'create', '--size', '1', 'disk');
    await reach('available', 'volume', 'disk');
    await cluster.inMonitor('rbd', 'bench', '--io-type', 'write', '--io-total', '32M', await imageOf('disk'));
    await openstack('volume', 'backup', 'create', '--name', 'whole', 'disk');
    await reach('available', 'volume', 'backup', 'whole');
    await openstack('volume', 'create', '--size', '1', 'again');
    await reach('available', 'volume', 'again');
    await openstack('volume', 'backup', 'restore', '--force', 'whole', 'again');
    await reach('available', 'volume', 'again');
    expect(await checksum('again')).toBe(await checksum('disk'));
    await openstack('volume', 'backup', 'delete', 'whole');
  });

  testGoing(group);
});
