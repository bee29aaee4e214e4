import { describe, expect, test } from 'vitest';
import type { CephCluster } from '../ceph-cluster.ts';
import { CephFiles } from '../ceph-files.ts';
import type { GroupCloud } from '../group-cloud.ts';

/**
 * A file system in Ceph's pools, on a real Docker Engine; cephfs-complete has what takes longer.
 * @param lines of the cloud's cloud.yaml
 */
export function testFileSystem(use: () => GroupCloud, cluster: CephCluster, lines: string): void {
  const files = new CephFiles(use);

  describe('beside a file system', () => {
    test('has one server, of which status tells, and Ceph warns of nothing', async () => {
      await cluster.waitForHealth();
      expect((await files.active())?.name).toBe('a');
      expect((await use().gantry.output('status')).split('\n')).toContainEqual(
        expect.stringMatching(/^mds\.a +active for cephfs/),
      );
    });

    test('has subvolumes, whose client removes no pools', async () => {
      const path = `${await files.makeSubvolume('share')}/one/two/file`;
      await files.write(path);
      expect(await files.checksum(path)).toMatch(/^[0-9a-f]{64}\n$/);
      const { code, stderr } = await use().gantry.run(
        ...files.words(
          'osd',
          'pool',
          'delete',
          'cephfs_data',
          'cephfs_data',
          '--yes-i-really-really-mean-it',
        ),
      );
      expect(code).not.toBe(0);
      expect(stderr).toContain('EACCES');
    });

    test('is refused without Ceph, at its place', async () => {
      const { gantry } = use();
      await gantry.configure('services: {cephfs: true}\n');
      const { code, stderr } = await gantry.run('plan');
      await gantry.configure(lines);
      expect(code).toBe(65);
      expect(stderr).toContain('services.cephfs keeps files in pools of Ceph, which is not on');
    });
  });
}
