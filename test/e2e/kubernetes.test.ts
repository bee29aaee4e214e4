import { describe, expect, test } from 'vitest';
import { useClusterCloud } from './cluster-cloud.ts';
import { type Result, waitUntil } from './gantry.ts';
import { testBringUp } from './parts/bring-up.ts';
import { testChanges } from './parts/changes.ts';
import { expectDone, needServers } from './parts/cloud.ts';
import { testCommands } from './parts/commands.ts';
import { testFiles } from './parts/files.ts';
import { testRotation } from './parts/rotation.ts';
import { fewTests, testTempest } from './parts/tempest.ts';
import { expectDataKept, testUse } from './parts/use.ts';
import { lacking } from './test-cluster.ts';

/**
 * What Gantry promises its users, kept by a real cloud on a real Kubernetes. The tests share one cloud and run in this
 * order: each leaves it as it found it. What no engine can break is tried on Docker only, in `cloud.test.ts`, what a cloud
 * is not needed for in `kubernetes-engine.test.ts`, nodes that come and go in `kubernetes-nodes.test.ts`, and new passwords in
 * `kubernetes-rotation.test.ts`.
 */
const cloud = useClusterCloud('kube-e2e');
const inTest = () => cloud().inTest();

testBringUp(inTest);

describe('the objects of the cloud', () => {
  test('are without one-shot jobs', async () => {
    const { pods } = cloud();
    expect(await pods.jobs()).toEqual([]);
  });

  test('are not planned with the interface that nodes are reached by, nor in a namespace of others', async ({
    skip,
  }) => {
    const { first, gantry, cluster } = cloud();
    const { external } = cluster;
    if (!external) return skip(lacking.external);
    const look = async (changes: object): Promise<Result> => {
      await gantry.configure(cloud().settings(cluster.registry, changes));
      const result = await gantry.run('plan');
      await cloud().configure();
      expect(result.code, result.stderr).not.toBe(0);
      return result;
    };
    const withInterface = (name: string) => look({ network: { external: { ...external, interface: name } } });
    const route = await cluster.shells.run(first, 'ip', '-4', '-o', 'route', 'show', 'default');
    const own = / dev (\S+)/.exec(route)?.[1] ?? '';
    const cut = await withInterface(own);
    expect(cut.stderr).toMatch(
      new RegExp(`external interface: ${first}: ${own} carries .*would cut the machine off`),
    );
    expect((await withInterface('ext9')).stderr).toContain('there is no interface ext9');
    const taken = await look({ kubernetes: { namespace: 'kube-system' } });
    expect(taken.code).toBe(65);
    expect(taken.stderr).toContain("the namespace kube-system is the cluster's own");
    await expectDone(cloud(), 'plan', '--detailed-exitcode');
  });

  test('include a service of MariaDB that answers with its banner through every node', async () => {
    const { pods } = cloud();
    const address = await pods.serviceAddress('mariadb');
    const ask = `exec 3<>/dev/tcp/${address}/3306; head -c 64 <&3`;
    for (const [node, banner] of await cloud().onNodes('bash', '-c', ask))
      expect(banner, node).toContain('MariaDB');
  });
});

testChanges(inTest);
testCommands(inTest);
testFiles(inTest);
testRotation(inTest);

describe('a cluster that cannot be used', () => {
  test('is one of a context that there is not: the nearest one is named', async () => {
    const { gantry, cluster } = cloud();
    const { code, stderr } = await gantry.run('--context', `${cluster.config.getCurrentContext()}x`, 'up');
    expect(code).toBe(1);
    expect(stderr).toContain(cluster.config.getCurrentContext());
  });

  test('is one whose registry is down: that is said, and nothing changes', async () => {
    const { gantry, pods } = cloud();
    const before = await pods.identities();
    await cloud().configure('config: {nova.conf: {api: {max_limit: 400}}}', 'localhost:4');
    const { code, stderr } = await gantry.run('up');
    await cloud().configure();
    expect(code).toBe(1);
    expect(stderr).toContain('localhost:4');
    expect(await pods.identities()).toEqual(before);
  });
});

testUse(inTest);
testTempest(inTest, fewTests);

describe('an API', () => {
  test('answers with more instances, and with fewer', async () => {
    const { pods } = cloud();
    await expectDone(cloud(), 'scale', 'nova-api=3');
    expect(await pods.endpoints('nova-api')).toHaveLength(3);
    await expectDone(cloud(), 'scale', 'nova-api=1');
    await waitUntil('one endpoint of nova-api', 60_000, async () =>
      (await pods.endpoints('nova-api')).length === 1 ? true : undefined,
    );
    await cloud().configure();
    await expectDone(cloud(), 'up');
  });
});

describe('every pod', () => {
  test('can be deleted at once: servers run on, and the cloud comes back', async () => {
    const { pods, cluster, demo } = cloud();
    await pods.deleteAll();
    await pods.waitUntilReady(400_000);
    if (cluster.external) expect(await demo.run('hostname')).toBe('demo');
    await expectDone(cloud(), 'plan', '--detailed-exitcode');
  });
});

describe('taking the cloud down', () => {
  test('keeps the data, and brings the server back with it', async ({ skip }) => {
    const { pods } = cloud();
    needServers(inTest(), skip);
    await expectDataKept(inTest(), async () => {
      expect(await pods.list()).toEqual([]);
    });
  });

  test('leaves nothing when its data goes too', async () => {
    const { nodes, pods } = cloud();
    await expectDone(cloud(), 'down', '--volumes', '--yes');
    await waitUntil('the namespace gone', 120_000, async () => ((await pods.exists()) ? undefined : true));
    for (const node of nodes) expect(await cloud().keptOn(node), node).not.toContain(cloud().name);
  });
});

test('nothing that all of this asked of the cluster is deprecated', () => {
  expect(cloud().gantry.warnings).toEqual([]);
});
