import { describe, expect, test } from 'vitest';
import { CephCluster, withCeph } from './ceph-cluster.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { testPinning } from './parts/pinning.ts';

/** A Ceph cluster on a real Docker Engine, of one OSD, with one more for a while, and then beside servers; of disks see ceph-disks. */
const daemons = ['ceph-mon', 'ceph-mgr', 'ceph-osd-1'];

const group = useGroupCloud('e2eceph', withCeph());
const cluster = new CephCluster(group);

describe('pools of block devices', () => {
  testComing(group);
  testChecks(group, 'block pools');

  test('are healthy with one copy, of which an operator is told', async () => {
    await cluster.waitForHealth();
    const { stdout } = await expectDone(group(), 'doctor');
    expect(stdout).toMatch(/copies of blocks +.*one: what is on a volume that is lost is lost/);
    expect((await group().gantry.output('status')).split('\n')).toContainEqual(
      expect.stringMatching(/^ceph-osd-1 +osd\.0 +up +81 /),
    );
  });

  test('have the same bytes when each daemon was killed, and when all containers were made again', async () => {
    const { gantry, containers } = group();
    await cluster.writeImage();
    const written = await cluster.checksum();
    for (const daemon of daemons) {
      await gantry.run('exec', daemon, '--', 'bash', '-c', 'kill -9 $(< /proc/1/task/1/children)');
      await cluster.waitForHealth();
      expect(await cluster.checksum(), daemon).toBe(written);
    }
    for (const daemon of daemons) await containers.remove(daemon);
    await expectDone({ gantry }, 'up');
    await cluster.waitForHealth();
    expect(await cluster.checksum()).toBe(written);
    await expectDone({ gantry }, 'plan', '--detailed-exitcode');
  });

  test('are on one volume more, which leaves once it is empty, not before', async () => {
    const { gantry, containers } = group();
    const written = await cluster.checksum();
    const before = await containers.identities();
    await gantry.configure(withCeph('volumes: 2, replicas: 1'));
    await expectDone({ gantry }, 'up');
    await cluster.waitForGroups('ceph-osd-2', (groups) => groups > 0);
    expect(await containers.identities()).toMatchObject(before);

    await gantry.configure(withCeph());
    for (const command of ['plan', 'up']) {
      const { code, stderr } = await gantry.run(command);
      expect(code, command).toBe(1);
      expect(stderr).toContain('ceph-osd-2 (osd.1) cannot go: it was not emptied');
    }

    await gantry.configure(withCeph('volumes: 2, replicas: 1, drain: [2]'));
    await expectDone({ gantry }, 'up');
    await cluster.waitForGroups('ceph-osd-2', (groups) => groups === 0);
    await gantry.configure(withCeph());
    await expectDone({ gantry }, 'up');
    expect(await cluster.hosts()).toEqual(['ceph-osd-1']);
    await cluster.waitForHealth();
    expect(await cluster.checksum()).toBe(written);
  });

  test.each([
    ['volumes: 2, replicas: 3', 'storage.ceph.replicas wants 3 copies on different volumes and devices'],
    ['drain: [2]', 'storage.ceph.drain names 2, which is none of those that there are'],
    ['size: 1Gi', 'storage.ceph.size must be at least 5Gi'],
  ])('refuse what cannot be, at its place: %s', async (settings, said) => {
    const { gantry } = group();
    await gantry.configure(withCeph(settings));
    const { code, stderr } = await gantry.run('plan');
    await gantry.configure(withCeph());
    expect(code).toBe(65);
    expect(stderr).toContain(said);
  });

  describe('beside servers', () => {
    testPinning(group, withCeph(), {
      daemon: 'ceph-osd-1',
      memoryMiB: 1280,
      keepsWithin: async () =>
        Number(await cluster.inMonitor('ceph', 'config', 'show', 'osd.0', 'osd_memory_target')),
    });
  });

  testGoing(group);
});
