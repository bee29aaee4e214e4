import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Callee, openCallee } from './callee.ts';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { Stacks } from './stacks.ts';

/** Measures of servers and alarms on them, on a real Docker Engine; telemetry-complete has what takes longer. */
const cloud = 'e2etelemetry';

const group = useGroupCloud(cloud, 'services: {telemetry: true}\ntelemetry: {inventory: true}\n');
const user = new Stacks(cloud, group);

/** The gateway of the external network, an address of this machine that processes of the cloud reach. */
const MACHINE = '10.29.29.1';

describe('measures', () => {
  let callee: Callee;
  let server: string;

  testComing(group);
  testChecks(group, 'measures');

  beforeAll(async () => {
    await expectDone(group(), 'demo');
    callee = await openCallee(MACHINE);
    server = await user.openstack('server', 'show', 'demo', '-f', 'value', '-c', 'id');
  });
  afterAll(() => callee?.close());

  const alarm = (metric: string, name: string) => [
    ...['alarm', 'create', '--name', name, '--type', 'gnocchi_aggregation_by_resources_threshold'],
    ...['--metric', metric, '--aggregation-method', 'rate:mean', '--granularity', '60'],
    ...['--comparison-operator', 'ge', '--threshold', '0', '--resource-type', 'instance'],
    ...['--query', `{"=": {"id": "${server}"}}`, '--alarm-action', callee.url],
    ...['-f', 'value', '-c', 'alarm_id'],
  ];

  test('of a server are for its project within a minute, and a rate of them raises an alarm that calls', async () => {
    await waitUntil('the first measures of the demo server', 60_000, async () => {
      const shown = ['metric', 'list', '-f', 'value', '-c', 'name'];
      const names = (await user.openstack(...shown)).split('\n');
      return ['cpu', 'memory.resident', 'network.incoming.bytes', 'disk.device.read.bytes'].every((name) =>
        names.includes(name),
      )
        ? true
        : undefined;
    });
    const nothing = await user.openstack(...alarm('nonsense', 'never'));
    const id = await user.openstack(...alarm('cpu', 'used'));
    const [told] = await waitUntil('the alarm to call', 150_000, async () =>
      callee.told.length > 0 ? callee.told : undefined,
    );
    expect(told).toMatchObject({ alarm_id: id, alarm_name: 'used', current: 'alarm' });
    // One on what nobody measures has nothing to go by.
    const shown = ['alarm', 'show', nothing, '-f', 'value', '-c', 'state'];
    expect(await user.openstack(...shown)).toBe('insufficient data');
    await user.openstack('alarm', 'delete', nothing);
    await user.openstack('alarm', 'delete', id);
  });

  test('of images are there where it is asked for', async () => {
    const shown = ['openstack', 'metric', 'list', '-f', 'value', '-c', 'name'];
    await waitUntil('the sizes of images', 60_000, async () =>
      (await expectDone(group(), ...shown)).stdout.split('\n').includes('image.size') ? true : undefined,
    );
  });

  testGoing(group);
});
