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

  /** Uid and restarts by pod and process: equal before and after means that nothing was restarted. */
  async identities(): Promise<Map<string, string>> {
    const pods = await this.list();
    return new Map(
      pods.map(({ metadata, status }) => [
        `${processOf({ metadata })} ${metadata?.uid}`,
        String(status?.containerStatuses?.[0]?.restartCount),
      ]),
    );
  }

  /** Removes every pod at once. */
  async deleteAll(): Promise<void> {
    await this.core.deleteCollectionNamespacedPod({ namespace: this.namespace });
  }

  /** Removes the pods of a process at once, without time to end. */
  async kill(process: string): Promise<void> {
    await this.core.deleteCollectionNamespacedPod({
      namespace: this.namespace,
      labelSelector: `${Label.name}=${process}`,
      gracePeriodSeconds: 0,
    });
  }

  /** Waits until there are so many ready pods of a process. */
  async waitForReady(process: string, count: number, limitMs: number): Promise<V1Pod[]> {
    let seen = '';
    return waitUntil(`${count} ready pods of ${process}`, limitMs, async () => {
      const pods = (await this.list()).filter((pod) => processOf(pod) === process);
      seen = pods.map(({ metadata, status }) => `${metadata?.name} is ${status?.phase}`).join(', ');
      const ready = pods.filter(isReady);
      return ready.length === count && pods.length === count ? ready : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${seen}`, { cause: error });
    });
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
