import { describe, expect, test } from 'vitest';
import { ClusterCloud, useClusterCloud } from './cluster-cloud.ts';
import { waitUntil } from './gantry.ts';
import { expectDone, report } from './parts/cloud.ts';
import { lacking } from './test-cluster.ts';

/** What a cloud promises of a node that is lost, on a real Kubernetes. */
const cloud = useClusterCloud('kube-lost');

describe('nodes', () => {
  test('one that is lost with a server on it can be drained, and what the cloud had there goes once it is back', async ({
    skip,
  }) => {
    const { nodes, third, gantry, cluster } = cloud();
    const { power } = cluster;
    if (!power) return skip(lacking.power);
    skip(nodes.length < 3, ClusterCloud.fewNodes);
    await cloud().joinThird();
    // A server of a given host takes a later version of Compute's API than clients ask for.
    const where = ['--os-compute-api-version', '2.74', 'server', 'create', '--host', third];
    const what = ['--image', 'gantry-guest', '--flavor', 'm1.nano', '--network', 'demo', '--wait'];
    let tries = 0;
    await waitUntil(`a server on ${third}`, 180_000, async () => {
      tries += 1;
      const made = await gantry.run('openstack', ...where, ...what, 'stranded');
      if (made.code === 0) return true;
      await gantry.run('openstack', 'server', 'delete', '--wait', 'stranded');
      return undefined;
    });
    report(`a node that came back took a server at try ${tries}`);
    await power.kill(third);
    try {
      await waitUntil(`${third} no longer among the compute nodes`, 180_000, async () =>
        (await cloud().computeHosts()).includes(third) ? undefined : true,
      );
      const { stdout: status } = await gantry.run('status');
      expect(status).toMatch(
        new RegExp(`nova-compute-\\d +${third} +unhealthy .*its node ${third} does not answer`),
      );
      const refused = await gantry.run('node', 'drain', third);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing was changed') });
      expect(refused.stderr).toMatch(/stranded \(.*\) is on it/);
      await expectDone(cloud(), 'openstack', 'server', 'delete', '--wait', 'stranded');
      await expectDone(cloud(), 'node', 'drain', third);
      const services = await cloud().openstack<{ Host: string }[]>('compute', 'service', 'list');
      expect(services.map(({ Host }) => Host)).not.toContain(third);
      await expectDone(cloud(), 'plan', '--detailed-exitcode');
    } finally {
      await power.start(third);
    }
    await cloud().joinThird();
  });
});
