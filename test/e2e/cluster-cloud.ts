import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { stringify } from 'yaml';
import { changeRoles } from '../../engines/kubernetes/nodes/nodes.ts';
import { messageOf } from '../../src/errors.ts';
import { nodeRoles } from '../../src/model/node-role.ts';
import { keepState, LOOK_LIMIT_MS, look, lookWhenTestsFail } from './artifacts.ts';
import { DemoServer } from './client.ts';
import { commandLines } from './containers.ts';
import { Gantry, type Result, waitUntil } from './gantry.ts';
import { describeNetworkFailure } from './ovn.ts';
import { type CloudInTest, expectDone, report } from './parts/cloud.ts';
import { Pods } from './pods.ts';
import { type AnyCluster, lacking, openAnyCluster, settingsOn } from './test-cluster.ts';

interface GivenCloud {
  /** Of its cloud.yaml. */
  lines?: string;
  secondRoles?: string;
  thirdRoles?: string;
  withoutDemo?: true;
}

/**
 * A cloud on a real Kubernetes, brought up with its demo: on the cluster that KUBECONFIG names, or on the test cluster of
 * three nodes. The first node has all roles but storage, the second runs servers and gateways, the third has no role. What a
 * suite gives it stands in its cloud.yaml from the beginning, and its other nodes have other roles.
 */
export class ClusterCloud {
  /** Why tests of several nodes are left out. */
  static readonly fewNodes = 'the cluster has too few nodes';

  readonly nodes: string[];
  readonly first: string;
  /** Not there in a cluster of fewer nodes. */
  readonly second: string;
  readonly third: string;
  readonly gantry: Gantry;
  readonly pods: Pods;
  private up: { result: Result; demo: DemoServer | undefined; demoId: string } | undefined;

  private constructor(
    readonly name: string,
    readonly cluster: AnyCluster,
    private readonly directory: string,
    private readonly given: GivenCloud,
  ) {
    this.nodes = cluster.nodes.slice(0, 3);
    [this.first, this.second, this.third] = this.nodes as [string, string, string];
    this.gantry = new Gantry(name, directory, {
      limitMs: 900_000,
      environment: { KUBECONFIG: cluster.kubeconfig },
    });
    this.pods = new Pods(cluster, name);
  }

  static async open(name: string, given: GivenCloud = {}): Promise<ClusterCloud> {
    const cluster = await openAnyCluster(report);
    return new ClusterCloud(name, cluster, await mkdtemp(join(tmpdir(), 'gantry-kube-')), given);
  }

  async bringUp(): Promise<void> {
    const { cluster, first, second, third, gantry } = this;
    await this.configure();
    await gantry.output('label-nodes', first, '--role', 'control,compute,network');
    const { secondRoles = 'compute,network', thirdRoles, withoutDemo = false } = this.given;
    if (second) await gantry.output('label-nodes', second, '--role', secondRoles);
    if (third && thirdRoles) await gantry.output('label-nodes', third, '--role', thirdRoles);
    const hasDemo = cluster.external !== undefined && !withoutDemo;
    const command = ['up', ...(hasDemo ? ['--demo'] : [])];
    const result = await gantry.run(...command);
    if (result.code !== 0) throw new Error(await describeNetworkFailure(gantry, command, result));
    const servers = hasDemo
      ? await this.openstack<{ ID: string; Name: string }[]>('server', 'list', '--all-projects')
      : [];
    this.up = {
      result,
      demo: hasDemo ? new DemoServer(result.stdout.trimEnd().split('\n').at(-1) ?? '') : undefined,
      demoId: servers.find(({ Name }) => Name === 'demo')?.ID ?? '',
    };
  }

  /** Removes the cloud, the roles of the nodes, and the cluster that came with it. */
  async close(): Promise<void> {
    const { cluster, gantry } = this;
    try {
      await keepState(gantry);
      if (await this.pods.exists()) {
        await this.configure();
        await gantry.output('down', '--volumes', '--yes');
      }
      await rm(this.directory, { recursive: true });
      for (const node of this.nodes) await changeRoles(cluster.api, node, { remove: nodeRoles });
    } finally {
      await cluster.close();
    }
  }

  /** Not there where servers are not reached from this machine. */
  get demo(): DemoServer {
    return this.up?.demo as DemoServer;
  }

  get demoId(): string {
    return this.up?.demoId ?? '';
  }

  /** What the cloud needs of this cluster; `changes` stand in place of a section. */
  settings(registry = this.cluster.registry, changes: object = {}): string {
    const { sharedStorageClass, external } = this.cluster;
    return stringify({
      ...settingsOn({ registry, sharedStorageClass }),
      ...(external ? { network: { external } } : {}),
      ...changes,
    });
  }

  async configure(lines = '', registry = this.cluster.registry): Promise<void> {
    const { lines: always = '' } = this.given;
    await this.gantry.configure(`${always}\n${lines}\n${this.settings(registry)}`);
  }

  /** As the parts that suites share take it. */
  inTest(): CloudInTest {
    const { cluster, gantry, pods, up } = this;
    return {
      gantry,
      demo: this.demo,
      withoutServers: cluster.external ? undefined : lacking.external,
      broughtUp: up?.result as Result,
      configure: (lines) => this.configure(lines),
      identities: () => pods.identities(),
      waitUntilHealthy: (limitMs) => pods.waitUntilReady(limitMs),
      exposed: () => this.exposed(),
    };
  }

  async openstack<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.gantry.output('openstack', ...args, '-f', 'json')) as T;
  }

  /** Output of a command on each node. */
  async onNodes(...command: string[]): Promise<[node: string, output: string][]> {
    return Promise.all(
      this.nodes.map(
        async (node): Promise<[string, string]> => [node, await this.cluster.shells.run(node, ...command)],
      ),
    );
  }

  /** Names of the clouds that keep something on a node. */
  async keptOn(node: string): Promise<string> {
    const list = 'ls /var/lib/gantry /run/gantry 2>/dev/null || true';
    return this.cluster.shells.run(node, 'sh', '-c', list);
  }

  /** Name of the node that the demo server is on. */
  async hostOfDemo(): Promise<string | undefined> {
    const server = await this.openstack<Record<string, string>>('server', 'show', this.demoId);
    return server['OS-EXT-SRV-ATTR:host'];
  }

  /** Makes the third node, which has no role at first, a compute node. */
  async joinThird(): Promise<void> {
    await expectDone(this, 'label-nodes', this.third, '--role', 'compute');
    await waitUntil(`${this.third} among the compute nodes`, 240_000, async () =>
      (await this.computeHosts()).includes(this.third) ? true : undefined,
    );
  }

  /** Nodes on which Nova's compute service is up. */
  async computeHosts(): Promise<string[]> {
    const list = ['compute', 'service', 'list', '--service', 'nova-compute'];
    const services = await this.openstack<{ Host: string; State: string }[]>(...list);
    return services
      .filter(({ State }) => State === 'up')
      .map(({ Host }) => Host)
      .sort();
  }

  private async exposed(): Promise<Map<string, string>> {
    const places = await this.pods.texts();
    for (const { pid, command } of await commandLines()) places.set(`process ${pid}`, command);
    const arguments_ = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '";
    for (const [node, text] of await this.onNodes('sh', '-c', arguments_))
      places.set(`processes of ${node}`, text);
    return places;
  }
}

/** Brings a cloud up before the tests of a file, and removes all that was made for them. */
export function useClusterCloud(name: string, given: GivenCloud = {}): () => ClusterCloud {
  let cloud: ClusterCloud;
  beforeAll(async () => {
    const opened = await ClusterCloud.open(name, given);
    await opened.bringUp().catch(async (thrown) => {
      await look(opened.gantry.within(LOOK_LIMIT_MS));
      // Of a file whose hooks fail, Vitest reports the first failure only.
      const also = await opened.close().then(
        () => '',
        (failure) => `\nand removing it: ${messageOf(failure)}`,
      );
      throw new Error(`${messageOf(thrown)}${also}`, { cause: thrown });
    });
    cloud = opened;
  });
  afterAll(() => cloud?.close());
  lookWhenTestsFail(() => cloud?.gantry);
  return () => cloud;
}
