import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BatchV1Api, CoreV1Api, type KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { Label } from '../../engines/kubernetes/names.ts';
import { prefix } from '../cluster/settings.ts';
import { waitUntil } from './gantry.ts';

/** One cloud seen past Gantry: from the API server and the nodes that it runs on. */
export class Pods {
  readonly core: CoreV1Api;
  private readonly batch: BatchV1Api;

  constructor(
    kubeconfig: KubeConfig,
    readonly namespace: string,
  ) {
    this.core = kubeconfig.makeApiClient(CoreV1Api);
    this.batch = kubeconfig.makeApiClient(BatchV1Api);
  }

  /** All pods that are not being removed. */
  async list(): Promise<V1Pod[]> {
    const { items } = await this.core.listNamespacedPod({ namespace: this.namespace });
    return items.filter(({ metadata }) => !metadata?.deletionTimestamp);
  }

  /** Uids and restarts of the pods by process: equal before and after means that nothing was restarted. */
  async identities(): Promise<Record<string, string>> {
    const found = (await this.list()).map(({ metadata, status }) => {
      const restarts = status?.containerStatuses?.[0]?.restartCount;
      return { process: processOf({ metadata }), text: `${metadata?.uid} restarted ${restarts} times` };
    });
    const processes = [...new Set(found.map(({ process }) => process))].sort((a, b) => a.localeCompare(b));
    const textsOf = (name: string) => found.filter(({ process }) => process === name).map(({ text }) => text);
    return Object.fromEntries(processes.map((name) => [name, textsOf(name).sort().join(', ')]));
  }

  /** Objects of the pods, and what they print, by their place. */
  async texts(): Promise<Map<string, string>> {
    const { namespace } = this;
    const texts = new Map<string, string>();
    for (const pod of await this.list()) {
      const name = pod.metadata?.name ?? '';
      texts.set(`settings of ${name}`, JSON.stringify(pod));
      texts.set(`log of ${name}`, await this.core.readNamespacedPodLog({ namespace, name }));
    }
    return texts;
  }

  /** Waits until every pod is ready, and none is on its way out. */
  async waitUntilReady(limitMs: number): Promise<void> {
    let sick: string[] = [];
    await waitUntil('all pods ready', limitMs, async () => {
      const { items } = await this.core.listNamespacedPod({ namespace: this.namespace });
      sick = items
        .filter((pod) => !isReady(pod) || pod.metadata?.deletionTimestamp)
        .map(({ metadata, status }) => `${metadata?.name} is ${status?.phase}`);
      return sick.length === 0 ? true : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${sick.join(', ')}`, { cause: error });
    });
  }

  /** Waits until no service leads to a pod of this node any more, but for those by which instances find each other. */
  async waitUntilWithout(node: string, limitMs: number): Promise<void> {
    await waitUntil(`no service leading to ${node}`, limitMs, async () => {
      const { items } = await this.core.listNamespacedEndpoints({ namespace: this.namespace });
      const led = items
        .filter(({ metadata }) => !metadata?.name?.endsWith('-peers'))
        .flatMap(({ subsets = [] }) => subsets.flatMap(({ addresses = [] }) => addresses))
        .some(({ nodeName }) => nodeName === node);
      return led ? undefined : true;
    });
  }

  /** Removes every pod at once. */
  async deleteAll(): Promise<void> {
    await this.core.deleteCollectionNamespacedPod({ namespace: this.namespace });
  }

  /** Names of the jobs that there are. */
  async jobs(): Promise<string[]> {
    const { items } = await this.batch.listNamespacedJob({ namespace: this.namespace });
    return items.map(({ metadata }) => metadata?.name ?? '');
  }

  /** Addresses behind a service. */
  async endpoints(service: string): Promise<string[]> {
    const { subsets = [] } = await this.core.readNamespacedEndpoints({
      namespace: this.namespace,
      name: service,
    });
    return subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip));
  }

  async serviceAddress(name: string): Promise<string> {
    const { spec } = await this.core.readNamespacedService({ namespace: this.namespace, name });
    return spec?.clusterIP ?? '';
  }

  async exists(): Promise<boolean> {
    const { items } = await this.core.listNamespace();
    return items.some(({ metadata }) => metadata?.name === this.namespace);
  }
}

export function processOf({ metadata }: Pick<V1Pod, 'metadata'>): string {
  return metadata?.labels?.[Label.name] ?? '';
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}

/** Output of a command on a node of the test cluster itself; `node` is its name in the cluster. */
export async function onNode(node: string, ...command: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', ['exec', `${prefix}-${node}`, ...command], {
    encoding: 'latin1',
    timeout: 30_000,
  });
  return stdout;
}
