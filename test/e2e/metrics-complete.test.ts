import { describe, expect, test } from 'vitest';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { testAlerts, testMonitoring } from './parts/monitoring.ts';

/** Metrics of the cloud itself and alerts on them, and who asked whom for what, on a real Docker Engine. */
const cloud = 'e2emetrics';

const group = useGroupCloud(
  cloud,
  'services: {metrics: true, events: true, swift: true}\naudit: true\nstorage: {swift: {volumes: 1, events: true}}\n',
);

describe('metrics', () => {
  testComing(group);
  testChecks(group, 'metrics', 'events');
  testMonitoring(group);

  test('the password by which the database is asked is changed, and it goes on telling', async () => {
    await expectDone(group(), 'rotate', 'passwords', 'metrics', '--yes');
    await expectDone(group(), 'plan', '--detailed-exitcode');
    await expectDone(group(), 'verify', 'metrics');
    const asked = ['grep', '-qx', 'user = metrics-b', '/etc/gantry/client.cnf'];
    await expectDone(group(), 'exec', 'mariadb-exporter', '--', ...asked);
  });

  testAlerts(group);

  test('who changed what is told, and who could not', async () => {
    const { gantry } = group();
    await gantry.output('openstack', 'container', 'create', 'audited');
    await gantry.output('openstack', 'container', 'delete', 'audited');
    const refused = await gantry.run('openstack', 'network', 'create', '--mtu', '100000', 'audited');
    expect(refused.code).not.toBe(0);
    for (const [service, words] of [
      ['neutron', /^\S+Z {2}neutron {3}admin at \S+ asked to create \/v2\.0\/networks: refused \(400\)$/m],
      ['swift', /^\S+Z {2}swift {5}user \S+ asked to write the container audited$/m],
      ['swift', /^\S+Z {2}swift {5}user \S+ asked to delete the container audited$/m],
    ] as const) {
      await waitUntil(`an event of ${service} like ${words}`, 30_000, async () =>
        words.test((await expectDone(group(), 'events', '--service', service)).stdout) ? true : undefined,
      );
    }
  });

  testGoing(group);
});
