import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterContext, requireCluster, up } from '../cluster/cluster.ts';
import { listContainers } from '../cluster/containers.ts';
import { openContext } from '../cluster/context.ts';
import { down } from '../cluster/down.ts';
import { defaultExternal, registryName } from '../cluster/settings.ts';
import { ApiClient, DemoServer } from './client.ts';
import { describe as describeResult, Gantry, type Result, waitUntil } from './gantry.ts';
import { onNode, Pods, processOf } from './pods.ts';

/**
 * What Gantry promises its users, kept by a real cloud on a real Kubernetes of three nodes. The tests share one cloud
 * and run in this order. The control plane is on one node at first and becomes three of everything at the end.
 */
const cloud = 'kube-e2e';
/** It takes a machine of its own for half an hour: `GANTRY_TEST_KUBERNETES_CLOUD=1 npx vitest run --project e2e` runs it. */
const asked = process.env.GANTRY_TEST_KUBERNETES_CLOUD === '1';
const control = 'node-1';

let directory: string;
let context: ClusterContext;
let wasThere = false;
let gantry: Gantry;
let pods: Pods;
let broughtUp: Result;
let demo: DemoServer;

function cloudYaml(more = ''): string {
  return [
    'engine: kubernetes',
    `images: {registry: '${registryName}'}`,
    'kubernetes: {sharedStorageClass: shared}',
    `network: {external: {interface: ext0, subnet: ${defaultExternal}}}`,
    more,
  ].join('\n');
}

beforeAll(async () => {
  if (!asked) return;
  context = await openContext({
    environment: process.env,
    uid: process.getuid?.() ?? 0,
    signal: new AbortController().signal,
    say: (line) => report(line),
  });
  wasThere = (await listContainers(context.docker)).size > 0;
  await up(context, { nodes: 3 });
  directory = await mkdtemp(join(tmpdir(), 'gantry-kube-'));
  process.env.KUBECONFIG = context.paths.kubeconfig;
  gantry = new Gantry(cloud, directory, { limitMs: 900_000 });
  pods = new Pods(requireCluster(context).kubeconfig, cloud);
  await gantry.configure(cloudYaml());
  await gantry.output('label-nodes', control, '--role', 'control,compute,network');
  await gantry.output('label-nodes', 'node-2', '--role', 'compute,network');
  broughtUp = await gantry.run('up', '--demo');
  if (broughtUp.code !== 0) throw new Error(describeResult(['gantry', 'up', '--demo'], broughtUp));
  demo = new DemoServer(broughtUp.stdout.trimEnd().split('\n').at(-1) ?? '');
});

afterAll(async () => {
  if (!asked) return;
  await gantry?.configure(cloudYaml());
  if (await pods?.exists()) await gantry.output('down', '--volumes', '--yes');
  await rm(directory, { recursive: true });
  if (!wasThere) await down(context);
});

async function expectDone(...args: string[]): Promise<Result> {
  const result = await gantry.run(...args);
  expect(result.code, describeResult(['gantry', ...args], result)).toBe(0);
  return result;
}

async function openstack<T>(...args: string[]): Promise<T> {
  return JSON.parse(await gantry.output('openstack', ...args, '-f', 'json')) as T;
}

/** Name of the host that a server is on. */
async function hostOf(server: string): Promise<string> {
  const found = await openstack<Record<string, string>>('server', 'show', server);
  return found['OS-EXT-SRV-ATTR:host'] ?? found['OS-EXT-SRV-ATTR:hypervisor_hostname'] ?? '';
}

/** Nodes on which Nova's compute service is up. */
async function computeHosts(): Promise<string[]> {
  const services = await openstack<{ Host: string; State: string }[]>(
    'compute',
    'service',
    'list',
    '--service',
    'nova-compute',
  );
  return services
    .filter(({ State }) => State === 'up')
    .map(({ Host }) => Host)
    .sort();
}

describe.runIf(asked)('a cloud on Kubernetes', () => {
  test('ends with a server that one can log in to with the command that is printed last', async () => {
    report(`up --demo took ${broughtUp.seconds.toFixed(0)} s`);
    expect(await demo.run('hostname')).toBe('demo');
  });

  test('is up at once when it is brought up again: nothing is planned, nothing restarts', async () => {
    const before = await pods.identities();
    const plan = await gantry.run('plan', '--detailed-exitcode');
    expect(plan.code, plan.stdout).toBe(0);
    const { stderr, seconds } = await expectDone('up');
    report(`a second up took ${seconds.toFixed(1)} s`);
    expect(stderr).toContain('nothing to do');
    expect(await pods.identities()).toEqual(before);
  });

  test('removes one-shot jobs, which are harmless when they run again', async () => {
    expect(await pods.jobs()).toEqual([]);
    await gantry.output(
      'exec',
      'mariadb',
      'mariadb',
      '--socket=/run/mysqld/mysqld.sock',
      '--execute',
      "DELETE FROM gantry.ledger WHERE name LIKE '%-schema'",
    );
    const plan = await gantry.run('plan');
    expect(plan.stdout).toContain('nova-schema');
    await expectDone('up');
    await expectDone('plan', '--detailed-exitcode');
    expect(await pods.jobs()).toEqual([]);
  });

  test('answers with the banner of MariaDB through every node', async () => {
    const address = await pods.serviceAddress('mariadb');
    for (const node of [control, 'node-2', 'node-3']) {
      const banner = await onNode(node, 'bash', '-c', `exec 3<>/dev/tcp/${address}/3306; head -c 64 <&3`);
      expect(banner, node).toContain('MariaDB');
    }
  });

  test('does all that its users expect', async () => {
    const { stdout } = await expectDone('verify', '-o', 'json');
    const { ok, checks, leftBehind } = JSON.parse(stdout);
    expect(checks.filter(({ result }: { result: string }) => result === 'failed')).toEqual([]);
    expect({ ok, leftBehind }).toEqual({ ok: true, leftBehind: [] });
  });
});

describe.runIf(asked)('a changed option', () => {
  test.each([
    ['given', cloudYaml('config: {nova.conf: {api: {max_limit: 500}}}')],
    ['taken back', cloudYaml()],
  ])('%s replaces only the processes that read it, and no request fails meanwhile', async (_, config) => {
    const before = await pods.identities();
    await gantry.configure(config);
    const plan = await gantry.run('plan', '--detailed-exitcode');
    expect(plan.code).toBe(2);
    expect(plan.stdout).toContain('config of nova-api changed: [api] max_limit');
    const asking = (await ApiClient.open(gantry)).askAllTheTime();
    await expectDone('up').finally(async () => {
      const { answers, failures } = await asking.stop();
      report(`${answers} requests answered during the change`);
      expect(failures).toEqual([]);
      expect(answers).toBeGreaterThan(50);
    });
    const after = await pods.identities();
    const gone = [...before.keys()].filter((key) => !after.has(key)).map((key) => key.split(' ')[0]);
    expect(gone.sort()).toEqual(['nova-api', 'nova-metadata']);
    await expectDone('plan', '--detailed-exitcode');
  });
});

describe.runIf(asked)('what is wrong', () => {
  test('a context that there is not is refused with the nearest one', async () => {
    const { code, stderr } = await gantry.run('--context', 'gantry-clutser', 'status');
    expect(code).not.toBe(0);
    expect(stderr).toContain('gantry-cluster');
  });

  test('an interrupted run is finished by the next', async () => {
    await gantry.configure(cloudYaml('config: {nova.conf: {DEFAULT: {debug: true}}}'));
    const running = gantry.start('up');
    await waitUntil('the first step of up', 60_000, () =>
      running.progress().includes('] done: ') ? true : undefined,
    );
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    await gantry.configure(cloudYaml());
    await expectDone('up');
    await expectDone('plan', '--detailed-exitcode');
  });
});

describe.runIf(asked)('nodes', () => {
  test('scaling an API adds what answers, and taking it back removes it', async () => {
    await expectDone('scale', 'nova-api=3');
    expect(await pods.endpoints('nova-api')).toHaveLength(3);
    await expectDone('scale', 'nova-api=1');
    await pods.waitForReady('nova-api', 1, 120_000);
  });

  test('servers on two nodes reach each other, and one of them moves while it runs', async () => {
    const from = await hostOf('demo');
    const other = from === control ? 'node-2' : control;
    await gantry.output('openstack', 'server', 'show', 'demo', '-f', 'json');
    const command = 'while read line; do echo "heard $line"; done';
    const session = demo.start(command);
    const answer = async (word: string) => {
      session.child.stdin?.write(`${word}\n`);
      await waitUntil(`an answer to "${word}" over the open connection`, 120_000, () =>
        session.output().includes(`heard ${word}`) ? true : undefined,
      );
    };
    await answer('before');
    await gantry.output('openstack', 'server', 'migrate', '--live-migration', '--wait', 'demo');
    await waitUntil('the demo server on the other node', 240_000, async () =>
      (await hostOf('demo')) === other ? true : undefined,
    );
    await answer('after');
    session.child.stdin?.end();
    await session.finished;
  });

  test('a node with the label of its role becomes a compute node by itself, and leaves when it is drained', async () => {
    await gantry.output('label-nodes', 'node-3', '--role', 'compute');
    await waitUntil('node-3 among the compute nodes', 240_000, async () =>
      (await computeHosts()).includes('node-3') ? true : undefined,
    );
    await expectDone('node', 'drain', 'node-3');
    expect(await computeHosts()).toEqual([control, 'node-2']);
    const wrong = await gantry.run('node', 'drain', 'node-9');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('node-1, node-2');
  });

  test('deleting every pod at once loses nothing: servers run on, data is there', async () => {
    const checksum = await gantry.output('openstack', 'image', 'show', 'gantry-guest', '-c', 'checksum');
    const processes = new Set((await pods.list()).map(processOf));
    await pods.deleteAll();
    for (const process of processes) {
      const count = ['node-1', 'node-2'].length;
      const perNode = (await pods.core.listNamespacedPod({ namespace: cloud })).items.some(
        (pod) => processOf(pod) === process && pod.metadata?.ownerReferences?.[0]?.kind === 'DaemonSet',
      );
      await pods.waitForReady(process, perNode ? count : 1, 400_000);
    }
    expect(await demo.run('hostname')).toBe('demo');
    await waitUntil('an answer of Glance', 120_000, async () =>
      (await gantry.output('openstack', 'image', 'show', 'gantry-guest', '-c', 'checksum')) === checksum
        ? true
        : undefined,
    );
  });
});

describe.runIf(asked)('taking the cloud down', () => {
  test('keeps the data, and brings the server back with it', async () => {
    await demo.run("echo 'kept' >kept && sync");
    await expectDone('down');
    expect(await pods.list()).toEqual([]);
    await expectDone('up');
    const answered = await waitUntil('the demo server answering SSH again', 180_000, () =>
      demo.run('cat kept'),
    );
    expect(answered).toBe('kept');
  });

  test('leaves nothing when its data goes too', async () => {
    await expectDone('down', '--volumes', '--yes');
    await waitUntil('the namespace gone', 120_000, async () => ((await pods.exists()) ? undefined : true));
    for (const node of [control, 'node-2']) {
      expect(
        await onNode(node, 'sh', '-c', `ls /var/lib/gantry /run/gantry 2>/dev/null || true`),
      ).not.toContain(cloud);
    }
  });
});

/** A measured value, for whoever reads the log. */
function report(text: string): void {
  process.stderr.write(`${text}\n`);
}
