import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Label } from '../../engines/kubernetes/names.ts';
import { projectRoot } from '../../src/root.ts';
import { Browser } from './browser.ts';
import { readCloudEntry } from './client.ts';
import { useClusterCloud } from './cluster-cloud.ts';
import { Dashboard } from './dashboard.ts';
import { waitUntil } from './gantry.ts';
import { expectDone, needServers } from './parts/cloud.ts';
import { processOf } from './pods.ts';
import { Stacks } from './stacks.ts';

/**
 * What of stacks, the dashboard, events, measures and metrics an engine can break, on a real Kubernetes: addresses that servers and
 * browsers reach, several engines, what pods keep that come and go. What no engine can break is tried on Docker.
 */
const name = 'kube-heat';
const cloud = useClusterCloud(name, {
  lines:
    'services: {heat: true, horizon: true, telemetry: true, events: true, metrics: true}\nreplicas: {heat-engine: 2}',
});
const stacks = new Stacks(name, cloud);

/** Removes the pods of a process, and waits until others serve in their place. */
async function replace(process: string): Promise<void> {
  const { pods } = cloud();
  const uids = async () =>
    (await pods.list()).filter((pod) => processOf(pod) === process).map(({ metadata }) => metadata?.uid);
  const before = await uids();
  if (before.length === 0) throw new Error(`${process} has no pod`);
  const ofProcess = { namespace: pods.namespace, labelSelector: `${Label.name}=${process}` };
  await pods.core.deleteCollectionNamespacedPod(ofProcess);
  await waitUntil(`as many other pods of ${process}`, 120_000, async () => {
    const now = await uids();
    return now.length === before.length && !now.some((uid) => before.includes(uid)) ? true : undefined;
  });
  await pods.waitUntilReady(240_000);
}

test('come with few lines of cloud.yaml, do what users expect, and a second up has nothing to do', async () => {
  await expectDone(cloud(), 'plan', '--detailed-exitcode');
  await expectDone(cloud(), 'verify', 'stacks', 'dashboard', 'events', 'measures', 'alarms', 'metrics');
});

describe('stacks', () => {
  test('grow and shrink by URLs that servers call', async ({ skip }) => {
    needServers(cloud().inTest(), skip);
    await stacks.makeExample('scaling', 'scaling.yaml', 'network=demo');
    await cloud().demo.run(`curl -sS -d '' '${await stacks.output('scaling', 'more')}'`);
    await stacks.waitForOutput('scaling', 'size', '2');
    await stacks.remove('scaling');
  });

  test('are made by the engines that are left, when all of them were lost at once', async () => {
    const { gantry } = cloud();
    const list = ['openstack', 'orchestration', 'service', 'list', '-f', 'json'];
    const engines = async () =>
      (JSON.parse(await gantry.output(...list)) as { Status: string }[]).filter(
        ({ Status }) => Status === 'up',
      );
    expect(await engines()).toHaveLength(2);
    await replace('heat-engine');
    const word = join(projectRoot(), 'examples/heat/word.yaml');
    await stacks.make('create', 'word', word);
    await stacks.expectStatus('word', 'CREATE_COMPLETE');
    await stacks.remove('word');
  });
});

describe('the dashboard', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await Browser.open(cloud().gantry);
    await browser.logIn((await readCloudEntry(cloud().gantry, `${name}-demo`)).auth);
  });
  afterAll(() => browser?.close());

  test('is at the address of the cloud, and keeps who is logged in when its pod is another one', async () => {
    expect(await browser.panels()).toEqual(expect.arrayContaining(['Instances', 'Networks', 'Stacks']));
    await replace('horizon');
    await browser.goTo('/project/instances/');
    expect(new URL(browser.page.url()).pathname).toBe('/project/instances/');
  });

  test('launches a server, and shows its screen', async ({ skip }) => {
    needServers(cloud().inTest(), skip);
    const dashboard = new Dashboard(browser);
    const server = { name: 'first', image: 'gantry-guest', flavor: 'm1.nano', network: 'demo' };
    await dashboard.launchServer(server);
    await dashboard.openConsole('first');
    expect(browser.errors).toEqual([]);
  });
});

test('events of before are told when the pod that keeps them is another one', async () => {
  const { gantry } = cloud();
  const told = async (what: string) => (await gantry.output('events', '--about', 'told')).includes(what);
  const happen = async (verb: 'create' | 'delete') => {
    await gantry.output('openstack', 'network', verb, 'told');
    await waitUntil(`${verb} to be told of`, 60_000, async () =>
      (await told(`network told ${verb}d`)) ? true : undefined,
    );
  };
  await happen('create');
  await replace('event-log');
  expect(await told('network told created')).toBe(true);
  await happen('delete');
});

test('measures of before are kept when what keeps them is another pod', async ({ skip }) => {
  needServers(cloud().inTest(), skip);
  const { demoId } = cloud();
  const measures = async () => {
    const show = ['metric', 'measures', 'show', 'memory.resident', '--resource-id', demoId, '-f', 'json'];
    return (JSON.parse(await stacks.openstack(...show)) as { timestamp: string }[]).map(
      ({ timestamp }) => timestamp,
    );
  };
  const [first] = await waitUntil('measures of the demo server', 120_000, async () => {
    const now = await measures().catch(() => []);
    return now.length > 0 ? now : undefined;
  });
  await replace('gnocchi-api');
  await waitUntil('more of them', 150_000, async () => ((await measures()).length > 1 ? true : undefined));
  expect(await measures()).toContain(first);
});
