import { beforeAll, describe, expect, test } from 'vitest';
import { CephCluster } from './ceph-cluster.ts';
import { CephFiles } from './ceph-files.ts';
import { waitUntil } from './gantry.ts';
import { testChecks, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';

/** What files in Ceph outlive, with two servers, on a real Docker Engine. */
const lines = 'services: {ceph: true, cephfs: true}\nreplicas: {ceph-mds: 2}\n';
const group = useGroupCloud('e2ecephfscomplete', lines);
const cluster = new CephCluster(group);
const files = new CephFiles(group);

describe('files in pools of Ceph', () => {
  let path: string;
  let written: string;

  beforeAll(async () => {
    path = `${await files.makeSubvolume('share')}/one/two/file`;
    await files.write(path);
    written = await files.checksum(path);
  });

  testChecks(group, 'file system');

  test('have a server that is active and one that stands by', async () => {
    await cluster.waitForHealth();
    const { servers } = await files.shown();
    expect(servers.map(({ state }) => state).sort()).toEqual(['up:active', 'up:standby']);
  });

  test('are served when the active server is killed: by the other, or by the same that has started again', async () => {
    const killed = await files.active();
    await files.crash(killed?.name ?? '');
    expect(await files.checksum(path)).toBe(written);
    await waitUntil('an active server that is not the killed one', 120_000, async () => {
      const now = await files.active();
      return now !== undefined && now.gid !== killed?.gid ? true : undefined;
    });
    await cluster.waitForHealth();
    expect(await files.checksum(path)).toBe(written);
  });

  test('stay while nobody serves them, of which Ceph does not warn', async () => {
    const { gantry } = group();
    await gantry.configure('services: {ceph: true}\n');
    await expectDone(group(), 'up');
    await cluster.waitForHealth();
    expect(await cluster.inMonitor('ceph', 'fs', 'ls')).toContain('name: cephfs');
    await gantry.configure(lines);
    await expectDone(group(), 'up');
    await cluster.waitForHealth();
    expect(await files.checksum(path)).toBe(written);
  });

  test('have the same bytes when all containers were made again', async () => {
    await expectDone(group(), 'down', '--yes');
    await expectDone(group(), 'up');
    await cluster.waitForHealth();
    expect(await files.checksum(path)).toBe(written);
  });

  testGoing(group);
});
