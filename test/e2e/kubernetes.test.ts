import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { setRoles } from '../../engines/kubernetes/nodes/nodes.ts';
import { messageOf } from '../../src/errors.ts';
import { nodeRoles } from '../../src/model/node-role.ts';
import { hostName, nodeName } from '../cluster/settings.ts';
import { keepState, lookWhenTestsFail } from './artifacts.ts';
import { DemoServer } from './client.ts';
import { commandLines } from './containers.ts';
import { Gantry, type Result, waitUntil } from './gantry.ts';
import { describeNetworkFailure, gatewayHosts } from './ovn.ts';
import { testBringUp } from './parts/bring-up.ts';
import { testChanges } from './parts/changes.ts';
import { type CloudInTest, expectDone, needServers, report } from './parts/cloud.ts';
import { testCommands } from './parts/commands.ts';
import { testFiles } from './parts/files.ts';
import { testRotation, testRotationOfNova } from './parts/rotation.ts';
import { fewTests, testTempest } from './parts/tempest.ts';
import { expectDataKept, testUse } from './parts/use.ts';
import { Pods } from './pods.ts';
import { type AnyCluster, lacking, openAnyCluster } from './test-cluster.ts';

/**
 * What Gantry promises its users, kept by a real cloud on a real Kubernetes: the one that KUBECONFIG names, or the test
 * cluster of three nodes. The tests share one cloud and run in this order: each leaves it as it found it. What no engine
 * can break is tried on Docker only, in `cloud.test.ts`, and what a cloud is not needed for in `kubernetes-engine.test.ts`.
 */
const cloud = 'kube-e2e';
const fewNodes = 'the cluster has too few nodes';

let directory: string;
let cluster: AnyCluster;
let nodes: string[];
let first: string;
/** Not there in a cluster of fewer nodes. */
let second: string;
let third: string;
let gantry: Gantry;
let pods: Pods;
let broughtUp: Result;
let demo: DemoServer;
let demoId: string;

beforeAll(async () => {
  cluster = await openAnyCluster(report);
  nodes = cluster.nodes.slice(0, 3);
  [first, second, third] = nodes as [string, string, string];
  directory = await mkdtemp(join(tmpdir(), 'gantry-kube-'));
  gantry = new Gantry(cloud, directory, {
    limitMs: 900_000,
    environment: { KUBECONFIG: cluster.kubeconfig },
  });
  pods = new Pods(cluster, cloud);
  await configure();
  await gantry.output('label-nodes', first, '--role', 'control,compute,network');
  if (second) await gantry.output('label-nodes', second, '--role', 'compute,network');
  const up = ['up', ...(cluster.external ? ['--demo'] : [])];
  broughtUp = await gantry.run(...up);
  if (broughtUp.code !== 0) throw new Error(await describeNetworkFailure(gantry, up, broughtUp));
  if (!cluster.external) return;
  demo = new DemoServer(broughtUp.stdout.trimEnd().split('\n').at(-1) ?? '');
  const servers = await openstack<{ ID: string; Name: string }[]>('server', 'list', '--all-projects');
  demoId = servers.find(({ Name }) => Name === 'demo')?.ID ?? '';
});

afterAll(async () => {
  if (gantry) await keepState(gantry);
  if (pods && (await pods.exists())) {
    await configure();
    await gantry.output('down', '--volumes', '--yes');
  }
  if (directory) await rm(directory, { recursive: true });
  for (const node of nodes ?? []) await setRoles(cluster.api, node, nodeRoles, false);
  await cluster?.close();
});

lookWhenTestsFail(() => gantry);

/** What the cloud needs of this cluster; `changes` stand in place of a section. */
function settings(registry = cluster.registry, changes: object = {}): string {
  const { sharedStorageClass, external } = cluster;
  return stringify({
    engine: 'kubernetes',
    ...(registry ? { images: { registry } } : {}),
    ...(sharedStorageClass ? { kubernetes: { sharedStorageClass } } : {}),
    ...(external ? { network: { external } } : {}),
    ...changes,
  });
}

async function configure(lines = '', registry = cluster.registry): Promise<void> {
  await gantry.configure(`${lines}\n${settings(registry)}`);
}

function cloudInTest(): CloudInTest {
  return {
    gantry,
    demo,
    withoutServers: cluster.external ? undefined : lacking.external,
    broughtUp,
    configure,
    identities: () => pods.identities(),
    waitUntilHealthy: (limitMs) => pods.waitUntilReady(limitMs),
    exposed,
  };
}

async function exposed(): Promise<Map<string, string>> {
  const places = await pods.texts();
  for (const { pid, command } of await commandLines()) places.set(`process ${pid}`, command);
  const arguments_ = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '";
  for (const [node, text] of await onNodes('sh', '-c', arguments_)) places.set(`processes of ${node}`, text);
  return places;
}

async function openstack<T>(...args: string[]): Promise<T> {
  return JSON.parse(await gantry.output('openstack', ...args, '-f', 'json')) as T;
}

/** Output of a command on each node. */
async function onNodes(...command: string[]): Promise<[node: string, output: string][]> {
  return Promise.all(
    nodes.map(async (node): Promise<[string, string]> => [node, await cluster.shells.run(node, ...command)]),
  );
}

/** Names of the clouds that keep something on a node. */
async function keptOn(node: string): Promise<string> {
  return cluster.shells.run(node, 'sh', '-c', 'ls /var/lib/gantry /run/gantry 2>/dev/null || true');
}

/** Name of the node that the demo server is on. */
async function hostOfDemo(): Promise<string | undefined> {
  return (await openstack<Record<string, string>>('server', 'show', demoId))['OS-EXT-SRV-ATTR:host'];
}

/** Makes the third node, which has no role at first, a compute node. */
async function joinThird(): Promise<void> {
  await expectDone(cloudInTest(), 'label-nodes', third, '--role', 'compute');
  await waitUntil(`${third} among the compute nodes`, 240_000, async () =>
    (await computeHosts()).includes(third) ? true : undefined,
  );
}

/** Nodes on which Nova's compute service is up. */
async function computeHosts(): Promise<string[]> {
  const list = ['compute', 'service', 'list', '--service', 'nova-compute'];
  const services = await openstack<{ Host: string; State: string }[]>(...list);
  return services
    .filter(({ State }) => State === 'up')
    .map(({ Host }) => Host)
    .sort();
}

testBringUp(cloudInTest);

describe('the objects of the cloud', () => {
  test('are without one-shot jobs', async () => {
    expect(await pods.jobs()).toEqual([]);
  });

  test('are not planned with the interface that nodes are reached by, nor in a namespace of others', async ({
    skip,
  }) => {
    const { external } = cluster;
    if (!external) return skip(lacking.external);
    const look = async (changes: object): Promise<Result> => {
      await gantry.configure(settings(cluster.registry, changes));
      const result = await gantry.run('plan');
      await configure();
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
    await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
  });

  test('include a service of MariaDB that answers with its banner through every node', async () => {
    const address = await pods.serviceAddress('mariadb');
    const ask = `exec 3<>/dev/tcp/${address}/3306; head -c 64 <&3`;
    for (const [node, banner] of await onNodes('bash', '-c', ask)) expect(banner, node).toContain('MariaDB');
  });
});

testChanges(cloudInTest);
testCommands(cloudInTest);
testFiles(cloudInTest);
testRotation(cloudInTest);
testRotationOfNova(cloudInTest);

describe('a cluster that cannot be used', () => {
  test('is one of a context that there is not: the nearest one is named', async () => {
    const { code, stderr } = await gantry.run('--context', `${cluster.config.getCurrentContext()}x`, 'up');
    expect(code).toBe(1);
    expect(stderr).toContain(cluster.config.getCurrentContext());
  });

  test('is one whose registry is down: that is said, and nothing changes', async () => {
    const before = await pods.identities();
    await configure('config: {nova.conf: {api: {max_limit: 400}}}', 'localhost:4');
    const { code, stderr } = await gantry.run('up');
    await configure();
    expect(code).toBe(1);
    expect(stderr).toContain('localhost:4');
    expect(await pods.identities()).toEqual(before);
  });
});

testUse(cloudInTest);
testTempest(cloudInTest, fewTests);

describe('nodes', () => {
  test('more instances of an API answer, and fewer', async () => {
    await expectDone(cloudInTest(), 'scale', 'nova-api=3');
    expect(await pods.endpoints('nova-api')).toHaveLength(3);
    await expectDone(cloudInTest(), 'scale', 'nova-api=1');
    await waitUntil('one endpoint of nova-api', 60_000, async () =>
      (await pods.endpoints('nova-api')).length === 1 ? true : undefined,
    );
    await configure();
    await expectDone(cloudInTest(), 'up');
  });

  test('are called one thing by all that registers itself, whatever their machines are called', async ({
    skip,
  }) => {
    skip(nodes.length < 2, fewNodes);
    // Those of the test cluster are; of others it is not known.
    if (second === nodeName(2))
      expect((await cluster.shells.run(second, 'hostname')).trim()).toBe(hostName(2));
    const called = async (column: string, ...list: string[]): Promise<string[]> => {
      const rows = await openstack<Record<string, string>[]>(...list);
      return [...new Set(rows.map((row) => row[column] ?? ''))].sort();
    };
    expect(await computeHosts()).toEqual([first, second]);
    expect(await called('Hypervisor Hostname', 'hypervisor', 'list')).toEqual([first, second]);
    expect(await called('name', 'resource', 'provider', 'list')).toEqual([first, second]);
    expect(await called('Host', 'network', 'agent', 'list')).toEqual([first, second]);
  });

  test('servers on two of them reach each other over the tenant network', async ({ skip }) => {
    needServers(cloudInTest(), skip);
    skip(nodes.length < 2, fewNodes);
    const from = await hostOfDemo();
    const other = from === first ? second : first;
    await gantry.output('openstack', 'security', 'group', 'create', 'answering');
    await gantry.output(
      'openstack',
      'security',
      'group',
      'rule',
      'create',
      '--protocol',
      'icmp',
      'answering',
    );
    try {
      const what = ['--image', 'gantry-guest', '--flavor', 'm1.nano', '--network', 'demo'];
      const where = ['--availability-zone', `nova:${other}`, '--security-group', 'answering'];
      await expectDone(
        cloudInTest(),
        'openstack',
        'server',
        'create',
        ...what,
        ...where,
        '--wait',
        'neighbour',
      );
      const neighbour = await openstack<{ addresses: { demo: string[] } }>('server', 'show', 'neighbour');
      const address = neighbour.addresses.demo[0] as string;
      await waitUntil(`an answer from ${address} on ${other}`, 120_000, () =>
        demo.run(`ping -c 1 -W 2 ${address}`),
      );
    } finally {
      await gantry.output('openstack', 'server', 'delete', '--wait', 'neighbour');
      await gantry.output('openstack', 'security', 'group', 'delete', 'answering');
    }
  });

  test('a server moves to another and back while it runs, and connections to it stay open', async ({
    skip,
  }) => {
    needServers(cloudInTest(), skip);
    skip(nodes.length < 2, fewNodes);
    const session = demo.start('while read line; do echo "heard $line"; done');
    const answer = async (word: string) => {
      session.child.stdin?.write(`${word}\n`);
      try {
        await waitUntil(`an answer to "${word}" over the open connection`, 120_000, () =>
          session.output().includes(`heard ${word}`) ? true : undefined,
        );
      } catch (cause) {
        const { stdout } = await gantry.run('explain', 'server', demoId);
        throw new Error(`${messageOf(cause)}\n${stdout}`, { cause });
      }
    };
    await answer('before');
    for (const word of ['there', 'back']) {
      const from = await hostOfDemo();
      await expectDone(cloudInTest(), 'openstack', 'server', 'migrate', '--live-migration', '--wait', demoId);
      const to = await waitUntil('the demo server on another node', 60_000, async () => {
        const now = await hostOfDemo();
        return now === from ? undefined : now;
      });
      expect([first, second]).toContain(to);
      await answer(word);
    }
    session.child.stdin?.end();
    await session.finished;
  });

  test('one with the label of its role becomes a compute node by itself, and leaves when it is drained', async ({
    skip,
  }) => {
    skip(nodes.length < 3, fewNodes);
    await joinThird();
    const control = ['label-nodes', third, '--role', 'control'];
    await expectDone(cloudInTest(), ...control);
    const { stderr } = await expectDone(cloudInTest(), 'node', 'drain', third);
    expect(await computeHosts()).toEqual([first, second]);
    // What has that role may keep the cloud's data: it stays until it is told otherwise.
    expect(stderr).toContain('keeps the role control');
    expect(await keptOn(third)).not.toContain(cloud);
    const listed: { name: string; roles: string[] }[] = JSON.parse(
      await gantry.output('node', 'list', '-o', 'json'),
    );
    expect(listed.find(({ name }) => name === third)?.roles).toEqual(['control']);
    await expectDone(cloudInTest(), ...control, '--remove');
    // The address of a control node came into the certificate.
    await expectDone(cloudInTest(), 'up');
    const agents = await openstack<{ Host: string }[]>('network', 'agent', 'list');
    expect(new Set(agents.map(({ Host }) => Host))).toEqual(new Set([first, second]));
    await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
    const unknown = await gantry.run('node', 'drain', 'no-such-node');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain(`${first}, ${second}`);
  });

  test('one with the role network alone has the switch and the gateways, and no servers', async ({
    skip,
  }) => {
    needServers(cloudInTest(), skip);
    skip(nodes.length < 3, fewNodes);
    const others = ['label-nodes', first, second, '--role', 'network'];
    expect(await gatewayHosts(gantry)).not.toContain(third);
    await expectDone(cloudInTest(), 'label-nodes', third, '--role', 'network');
    await expectDone(cloudInTest(), ...others, '--remove');
    await expectDone(cloudInTest(), 'up');
    const moved = (to: string[]) =>
      waitUntil(`gateways on ${to}`, 180_000, async () => {
        const hosts = await gatewayHosts(gantry);
        return hosts.length > 0 && hosts.every((host) => to.includes(host)) ? true : undefined;
      });
    await moved([third]);
    expect(await demo.run('hostname')).toBe('demo');
    const processes = (await pods.list())
      .filter(({ spec }) => spec?.nodeName === third)
      .map(({ metadata }) => metadata?.labels?.['app.kubernetes.io/name'])
      .filter((name) => name !== 'registry-mirror');
    expect(processes.sort()).toEqual(['openvswitch', 'openvswitch-db', 'ovn-controller']);
    expect(await computeHosts()).toEqual([first, second]);
    await expectDone(cloudInTest(), ...others);
    await expectDone(cloudInTest(), 'up');
    await expectDone(cloudInTest(), 'node', 'drain', third);
    await moved([first, second]);
    await expectDone(cloudInTest(), 'up');
    await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
  });

  test('one that was drained can come back, and once it is lost be drained again; what the cloud had there goes later', async ({
    skip,
  }) => {
    const { power } = cluster;
    if (!power) return skip(lacking.power);
    skip(nodes.length < 3, fewNodes);
    await joinThird();
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
        (await computeHosts()).includes(third) ? undefined : true,
      );
      const { stdout: status } = await gantry.run('status');
      expect(status).toMatch(
        new RegExp(`nova-compute-\\d +${third} +unhealthy .*its node ${third} does not answer`),
      );
      const refused = await gantry.run('node', 'drain', third);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing was changed') });
      expect(refused.stderr).toMatch(/stranded \(.*\) is on it/);
      await expectDone(cloudInTest(), 'openstack', 'server', 'delete', '--wait', 'stranded');
      await expectDone(cloudInTest(), 'node', 'drain', third);
      const services = await openstack<{ Host: string }[]>('compute', 'service', 'list');
      expect(services.map(({ Host }) => Host)).not.toContain(third);
      await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
    } finally {
      await power.start(third);
    }
    await joinThird();
  });
});

describe('every pod', () => {
  test('can be deleted at once: servers run on, and the cloud comes back', async () => {
    await pods.deleteAll();
    await pods.waitUntilReady(400_000);
    if (cluster.external) expect(await demo.run('hostname')).toBe('demo');
    await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
  });
});

describe('taking the cloud down', () => {
  test('keeps the data, and brings the server back with it', async ({ skip }) => {
    needServers(cloudInTest(), skip);
    await expectDataKept(cloudInTest(), async () => {
      expect(await pods.list()).toEqual([]);
    });
  });

  test('leaves nothing when its data goes too', async () => {
    await expectDone(cloudInTest(), 'down', '--volumes', '--yes');
    await waitUntil('the namespace gone', 120_000, async () => ((await pods.exists()) ? undefined : true));
    for (const node of nodes) expect(await keptOn(node), node).not.toContain(cloud);
  });
});

test('nothing that all of this asked of the cluster is deprecated', () => {
  expect(gantry.warnings).toEqual([]);
});
