import { describe, expect, test } from 'vitest';
import { CephCluster } from './ceph-cluster.ts';
import { CephFiles } from './ceph-files.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';

/** A file system in Ceph's pools, on a real Docker Engine; cephfs-complete has what takes longer. */
const lines = 'services: {ceph: true, cephfs: true}\n';
const group = useGroupCloud('e2ecephfs', lines);
const cluster = new CephCluster(group);
const files = new CephFiles(group);

describe('a file system in pools of Ceph', () => {
  testComing(group);
  testChecks(group, 'file system', 'block pools');

  test('has one server, of which status tells, and Ceph warns of nothing', async () => {
    await cluster.waitForHealth();
    expect((await files.active())?.name).toBe('a');
    expect((await group().gantry.output('status')).split('\n')).toContainEqual(
      expect.stringMatching(/^mds\.a +active for cephfs/),
    );
  });

  test('has subvolumes, whose client removes no pools', async () => {
    const path = `${await files.makeSubvolume('share')}/one/two/file`;
    await files.write(path);
    expect(await files.checksum(path)).toMatch(/^[0-9a-f]{64}\n$/);
    const { code, stderr } = await group().gantry.run(
      ...files.words('osd', 'pool', 'delete', 'cephfs_data', 'cephfs_data', '--yes-i-really-really-mean-it'),
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('EACCES');
  });

  test('is refused without Ceph, at its place', async () => {
    const { gantry } = group();
    await gantry.configure('services: {cephfs: true}\n');
    const { code, stderr } = await gantry.run('plan');
    await gantry.configure(lines);
    expect(code).toBe(65);
    expect(stderr).toContain('services.cephfs keeps files in pools of Ceph, which is not on');
  });

  testGoing(group);
});
