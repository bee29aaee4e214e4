import { beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testComing, testGoing, testGroupChanges, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { Stacks } from './stacks.ts';

/** What measures and alarms promise beside what `telemetry` asks of them, on a real Docker Engine. */
const cloud = 'e2etelemetrycomplete';
const lines = 'services: {telemetry: true, heat: true}\n';

const group = useGroupCloud(cloud, lines);
const stacks = new Stacks(cloud, group);

describe('alarms', () => {
  testComing(group);

  beforeAll(async () => {
    await expectDone(group(), 'demo');
    await stacks.openstack('server', 'delete', '--wait', 'demo');
  });

  test('make a group of servers larger under load and smaller without, and leave it alone then', async () => {
    await stacks.makeExample('scaled', 'autoscaling.yaml', 'network=demo', 'load=240');
    const sizes: string[] = [];
    const until = (size: string, limitMs: number) =>
      waitUntil(`${size} servers`, limitMs, async () => {
        const now = await stacks.output('scaled', 'size');
        if (now !== sizes.at(-1)) sizes.push(now);
        return now === size ? true : undefined;
      });
    await until('5', 300_000);
    await until('3', 720_000);
    expect(sizes).toEqual(['3', '4', '5', '4', '3']);
    await stacks.remove('scaled');
  });

  testGroupChanges(group, lines, {
    option: {
      lines: 'config: {aodh.conf: {api: {user_alarm_quota: 50}}}\n',
      replaces: ['aodh-api'],
    },
    rotated: 'telemetry',
    ask: async () =>
      (await ApiClient.open(group().gantry)).askAllTheTime({ type: 'alarming', path: '/v2/alarms' }),
  });

  testGoing(group);
});
