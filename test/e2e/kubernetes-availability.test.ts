import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { changeRoles } from '../../engines/kubernetes/nodes/nodes.ts';
import { nodeRoles } from '../../src/model/node-role.ts';
import { keepState, lookWhenTestsFail } from './artifacts.ts';
import { ApiClient } from './client.ts';
import { askDatabase } from './database.ts';
import { Gantry, waitUntil } from './gantry.ts';
import { expectAnswered, expectDone, report } from './parts/cloud.ts';
import { Pods, processOf } from './pods.ts';
import { type AnyCluster, lacking, openAnyCluster, settingsOn } from './test-cluster.ts';

/** Three of everything on three control nodes: what one node's loss leaves, and the loss of all of them. */
const cloud = 'kube-ha';
const stateful = ['mariadb', 'rabbitmq', 'memcached', 'ovn-nb', 'ovn-sb'];

let directory: string;
let cluster: AnyCluster;
let nodes: string[];
let gantry: Gantry;
let pods: Pods;

beforeAll(async () => {
  cluster = await openAnyCluster(report);
  nodes = cluster.nodes.slice(0, 3);
  if (nodes.length < 3) throw new Error('this suite needs three nodes');
  directory = await mkdtemp(join(tmpdir(), 'gantry-kube-ha-'));
  gantry = new Gantry(cloud, directory, {
    limitMs: 900_000,
    environment: { KUBECONFIG: cluster.kubeconfig },
  });
  pods = new Pods(cluster, cloud);
  await gantry.configure(stringify(settingsOn(cluster)));
  for (const node of nodes) await gantry.output('label-nodes', node, '--role', 'control');
  const { seconds } = await expectDone({ gantry }, 'up');
  report(`up with three of each process took ${seconds.toFixed(0)} s`);
});

afterAll(async () => {
  if (gantry) await keepState(gantry);
  if (pods && (await pods.exists())) await gantry.output('down', '--volumes', '--yes');
  if (directory) await rm(directory, { recursive: true });
  for (const node of nodes ?? []) await changeRoles(cluster.api, node, { remove: nodeRoles });
  await cluster?.close();
});

lookWhenTestsFail(() => gantry);

async function nodesOf(process: string): Promise<string[]> {
  const found = (await pods.list()).filter((pod) => processOf(pod) === process);
  return found.map(({ spec }) => spec?.nodeName ?? '').sort();
}

/** A status variable of Galera, as each instance of the database sees it. */
async function galera(variable: string): Promise<string[]> {
  const query = `SHOW STATUS LIKE '${variable}'`;
  const asked = [0, 1, 2].map((ordinal) => askDatabase(gantry, query, `mariadb.${ordinal}`));
  return (await Promise.all(asked)).map((line) => line.split('\t')[1] ?? '');
}

async function projects(): Promise<string[]> {
  return (await gantry.output('openstack', 'project', 'list', '-f', 'value', '-c', 'Name'))
    .trim()
    .split('\n');
}

describe('three control nodes', () => {
  test('have one instance each of what keeps state and of the APIs', async () => {
    for (const process of stateful.concat('keystone-api', 'nova-api', 'neutron-api', 'haproxy')) {
      expect(await nodesOf(process), process).toEqual(nodes);
    }
    expect(await galera('wsrep_cluster_size')).toEqual(['3', '3', '3']);
  });

  test('go on answering when one of them is lost, which comes back by itself', async ({ skip }) => {
    const { power } = cluster;
    if (!power) return skip(lacking.power);
    const client = await ApiClient.open(gantry);
    const lost = nodes.at(-1) as string;
    const during = client.askAllTheTime({ type: 'identity', path: '/projects' });
    await power.kill(lost);
    try {
      // Connections to an address that is gone fail until the cluster has noticed.
      await pods.waitUntilWithout(lost, 120_000);
      const { answers, failures, slowest } = await during.stop();
      report(
        `until the loss of a node was noticed: ${answers} answers, ${failures.length} failures, the slowest answer after ${slowest.toFixed(1)} s`,
      );
      expect(answers).toBeGreaterThan(failures.length);
      const afterwards = client.askAllTheTime({ type: 'identity', path: '/projects' });
      await afterwards.until(150);
      expectAnswered(await afterwards.stop());
      const complaints: string[] = [];
      await waitUntil('a project made, also where the client has to move', 120_000, async () => {
        const create = ['openstack', 'project', 'create', 'made-without-a-node'];
        const { code, stderr } = await gantry.run(...create);
        if (code !== 0) complaints.push(stderr);
        return code === 0 || undefined;
      });
      const clear = `the node ${lost}, which does not answer`;
      expect(complaints.filter((text) => !text.includes(clear))).toEqual([]);
      // What keeps data stays where it is: nothing waits for it.
      await expectDone({ gantry }, 'up');
      const { stderr } = await expectDone({ gantry }, 'logs', 'mariadb', '--tail', '1');
      expect(stderr).toContain(`what it wrote on ${lost} is left out`);
    } finally {
      await power.start(lost);
    }
    await pods.waitUntilReady(300_000);
    expect(await galera('wsrep_cluster_size')).toEqual(['3', '3', '3']);
    expect(await projects()).toContain('made-without-a-node');
  });

  test('come back with all that was written when all of them are lost at once', async ({ skip }) => {
    const { power } = cluster;
    if (!power) return skip(lacking.power);
    await expectDone({ gantry }, 'openstack', 'project', 'create', 'written-last');
    await Promise.all(nodes.map((node) => power.kill(node)));
    for (const node of nodes) await power.start(node);
    await pods.waitUntilReady(400_000);
    expect(await galera('wsrep_cluster_size')).toEqual(['3', '3', '3']);
    expect(await projects()).toContain('written-last');
    await expectDone({ gantry }, 'plan', '--detailed-exitcode');
  });
});
