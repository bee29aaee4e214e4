import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killNode, requireCluster, startNode } from '../cluster/cluster.ts';
import { defaultExternal, hostName, nodeName, registryName } from '../cluster/settings.ts';
import { DemoServer } from './client.ts';
import { commandLines } from './containers.ts';
import { askDatabase } from './database.ts';
import { Gantry, type Result, waitUntil } from './gantry.ts';
import { describeNetworkFailure } from './ovn.ts';
import { testBringUp } from './parts/bring-up.ts';
import { testChanges } from './parts/changes.ts';
import { type CloudInTest, expectDone, report } from './parts/cloud.ts';
import { testCommands } from './parts/commands.ts';
import { testRotation } from './parts/rotation.ts';
import { testTempest } from './parts/tempest.ts';
import { expectDataKept, testUse } from './parts/use.ts';
import { onNode, Pods } from './pods.ts';
import { openTestCluster, type TestCluster } from './test-cluster.ts';

/**
 * What Gantry promises its users, kept by a real cloud on a real Kubernetes of three nodes. The tests share one cloud
 * and run in this order: each leaves it as it found it.
 */
const cloud = 'kube-e2e';
const [first, second, third] = [nodeName(1), nodeName(2), nodeName(3)] as const;
const base = `engine: kubernetes
images: {registry: '${registryName}'}
kubernetes: {sharedStorageClass: shared}
network: {external: {interface: ext0, subnet: ${defaultExternal}}}
`;

let directory: string;
let cluster: TestCluster;
let gantry: Gantry;
let pods: Pods;
let broughtUp: Result;
let demo: DemoServer;
let demoId: string;

beforeAll(async () => {
  cluster = await openTestCluster(report);
  const { paths } = cluster.context;
  directory = await mkdtemp(join(tmpdir(), 'gantry-kube-'));
  gantry = new Gantry(cloud, directory, {
    limitMs: 900_000,
    environment: { KUBECONFIG: paths.kubeconfig },
  });
  pods = new Pods(requireCluster(cluster.context).kubeconfig, cloud);
  await configure();
  await gantry.output('label-nodes', first, '--role', 'control,compute,network');
  await gantry.output('label-nodes', second, '--role', 'compute,network');
  broughtUp = await gantry.run('up', '--demo');
  if (broughtUp.code !== 0)
    throw new Error(await describeNetworkFailure(gantry, ['up', '--demo'], broughtUp));
  demo = new DemoServer(broughtUp.stdout.trimEnd().split('\n').at(-1) ?? '');
  const servers = await openstack<{ ID: string; Name: string }[]>('server', 'list', '--all-projects');
  demoId = servers.find(({ Name }) => Name === 'demo')?.ID ?? '';
});

afterAll(async () => {
  if (pods && (await pods.exists())) {
    await configure();
    await gantry.output('down', '--volumes', '--yes');
  }
  if (directory) await rm(directory, { recursive: true });
  await cluster?.close();
});

async function configure(lines = ''): Promise<void> {
  await gantry.configure(`${lines}\n${base}`);
}

function cloudInTest(): CloudInTest {
  return {
    gantry,
    demo,
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
  return places;
}

async function openstack<T>(...args: string[]): Promise<T> {
  return JSON.parse(await gantry.output('openstack', ...args, '-f', 'json')) as T;
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
  test('are without one-shot jobs, which are harmless when they run again', async () => {
    expect(await pods.jobs()).toEqual([]);
    const forget = "DELETE FROM gantry.ledger WHERE name LIKE '%-schema'";
    await askDatabase(gantry, forget);
    expect((await gantry.run('plan')).stdout).toContain('nova-schema');
    await expectDone(cloudInTest(), 'up');
    await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
    expect(await pods.jobs()).toEqual([]);
  });

  test('include a service of MariaDB that answers with its banner through every node', async () => {
    const address = await pods.serviceAddress('mariadb');
    for (const node of [first, second, third]) {
      const banner = await onNode(node, 'bash', '-c', `exec 3<>/dev/tcp/${address}/3306; head -c 64 <&3`);
      expect(banner, node).toContain('MariaDB');
    }
  });
});

testChanges(cloudInTest);
testCommands(cloudInTest);
testRotation(cloudInTest);

describe('a cluster that cannot be used', () => {
  test('is one of a context that there is not: the nearest one is named', async () => {
    const { code, stderr } = await gantry.run('--context', 'gantry-clutser', 'up');
    expect(code).toBe(1);
    expect(stderr).toContain('gantry-cluster');
  });

  test('is one whose registry is down: that is said, and nothing changes', async () => {
    const before = await pods.identities();
    await gantry.configure(
      `config: {nova.conf: {api: {max_limit: 400}}}\n${base.replace(registryName, 'localhost:4')}`,
    );
    const { code, stderr } = await gantry.run('up');
    await configure();
    expect(code).toBe(1);
    expect(stderr).toContain('localhost:4');
    expect(await pods.identities()).toEqual(before);
  });
});

testUse(cloudInTest);
testTempest(cloudInTest);

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

  test('are called one thing by all that registers itself, whatever their machines are called', async () => {
    expect((await onNode(second, 'hostname')).trim()).toBe(hostName(2));
    const called = async (column: string, ...list: string[]): Promise<string[]> => {
      const rows = await openstack<Record<string, string>[]>(...list);
      return [...new Set(rows.map((row) => row[column] ?? ''))].sort();
    };
    expect(await computeHosts()).toEqual([first, second]);
    expect(await called('Hypervisor Hostname', 'hypervisor', 'list')).toEqual([first, second]);
    expect(await called('name', 'resource', 'provider', 'list')).toEqual([first, second]);
    expect(await called('Host', 'network', 'agent', 'list')).toEqual([first, second]);
  });

  test('servers on two of them reach each other over the tenant network', async () => {
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

  test('a server moves to another and back while it runs, and connections to it stay open', async () => {
    const session = demo.start('while read line; do echo "heard $line"; done');
    const answer = async (word: string) => {
      session.child.stdin?.write(`${word}\n`);
      await waitUntil(`an answer to "${word}" over the open connection`, 120_000, () =>
        session.output().includes(`heard ${word}`) ? true : undefined,
      );
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

  test('one with the label of its role becomes a compute node by itself, and leaves when it is drained', async () => {
    await joinThird();
    const control = ['label-nodes', third, '--role', 'control'];
    await expectDone(cloudInTest(), ...control);
    const { stderr } = await expectDone(cloudInTest(), 'node', 'drain', third);
    expect(await computeHosts()).toEqual([first, second]);
    // What has that role may keep the cloud's data: it stays until it is told otherwise.
    expect(stderr).toContain('keeps the role control');
    const nodes: { name: string; roles: string[] }[] = JSON.parse(
      await gantry.output('node', 'list', '-o', 'json'),
    );
    expect(nodes.find(({ name }) => name === third)?.roles).toEqual(['control']);
    await expectDone(cloudInTest(), ...control, '--remove');
    // The address of a control node came into the certificate.
    await expectDone(cloudInTest(), 'up');
    const agents = await openstack<{ Host: string }[]>('network', 'agent', 'list');
    expect(new Set(agents.map(({ Host }) => Host))).toEqual(new Set([first, second]));
    await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
    const unknown = await gantry.run('node', 'drain', 'node-9');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain(`${first}, ${second}`);
  });

  test('one that was drained can come back, and once it is lost be drained again; what the cloud had there goes later', async () => {
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
    await killNode(cluster.context, third);
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
      await startNode(cluster.context, third);
    }
    await joinThird();
  });
});

describe('every pod', () => {
  test('can be deleted at once: servers run on, and the cloud comes back', async () => {
    await pods.deleteAll();
    await pods.waitUntilReady(400_000);
    expect(await demo.run('hostname')).toBe('demo');
    await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
  });
});

describe('taking the cloud down', () => {
  test('keeps the data, and brings the server back with it', async () => {
    await expectDataKept(cloudInTest(), async () => {
      expect(await pods.list()).toEqual([]);
    });
  });

  test('leaves nothing when its data goes too', async () => {
    await expectDone(cloudInTest(), 'down', '--volumes', '--yes');
    await waitUntil('the namespace gone', 120_000, async () => ((await pods.exists()) ? undefined : true));
    for (const node of [first, second, third]) {
      const left = await onNode(node, 'sh', '-c', 'ls /var/lib/gantry /run/gantry 2>/dev/null || true');
      expect(left, node).not.toContain(cloud);
    }
  });
});
