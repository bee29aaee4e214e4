import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ApiClient, DemoServer } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { testDashboard } from './parts/dashboard.ts';
import { testEvents } from './parts/events.ts';
import { testMetrics } from './parts/metrics.ts';
import { testMonitoring } from './parts/monitoring.ts';
import { Stacks } from './stacks.ts';

/** Stacks on a real Docker Engine, and servers that call the cloud; heat-complete has what takes longer. A dashboard beside them, and what is told of all that. */
const cloud = 'e2eheat';

const group = useGroupCloud(
  cloud,
  'services: {heat: true, events: true, horizon: true, metrics: true}\naudit: true\n',
);
const stacks = new Stacks(cloud, group);

describe('stacks', () => {
  let server: DemoServer;

  testComing(group);
  testChecks(group, 'stacks', 'events', 'dashboard', 'metrics');

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    server = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
  });

  test('that are not right are told of with the place', async () => {
    const wrong = join(group().directory, 'wrong.yaml');
    await writeFile(wrong, 'heat_template_version: 2018-08-31\nresources: {one: {type: OS::Nova::Servr}}\n');
    const { code, stderr } = await group().gantry.run(
      ...stacks.words('stack', 'create', '-t', wrong, 'wrong'),
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('OS::Nova::Servr');
  });

  test('grow and shrink within their bounds by URLs that servers call, and nobody else can make', async () => {
    await stacks.makeExample('scaling', 'scaling.yaml', 'network=demo');
    const [more, fewer] = [await stacks.output('scaling', 'more'), await stacks.output('scaling', 'fewer')];
    await server.run(`curl -sS -d '' '${more}'`);
    await stacks.waitForOutput('scaling', 'size', '2');

    const api = await ApiClient.open(group().gantry);
    const forged = more.replace(/Signature=[^&]*$/, 'Signature=Zm9yZ2Vk');
    expect(forged).not.toBe(more);
    expect((await api.askWithoutToken('POST', forged)).status).toBe(403);

    // One that comes while the group still grows is not heard; below one server it does nothing.
    await waitUntil('one server', 120_000, async () => {
      await server.run(`curl -sS -d '' '${fewer}'`);
      return (await stacks.output('scaling', 'size')) === '1' ? true : undefined;
    });
    await stacks.remove('scaling');
  });

  describe('a dashboard', () => {
    testDashboard(group, cloud);
  });

  describe('events', () => {
    testEvents(group);
  });

  describe('metrics', () => {
    testMetrics(group);
    testMonitoring(group);
  });

  testGoing(group);
});
