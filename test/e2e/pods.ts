import { BatchV1Api, CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import { Label } from '../../engines/kubernetes/names.ts';
import { waitUntil } from './gantry.ts';
import type { AnyCluster } from './test-cluster.ts';

/** Of the group discovery.k8s.io, as far as versions of it agree. */
interface EndpointSlice {
  metadata: { labels: Record<string, string> };
  endpoints?: Endpoint[] | null;
}

interface Endpoint {
  addresses: string[];
  conditions?: { ready?: boolean };
  nodeName?: string;
  /** Up to 1.21, instead of the node's name. */
  topology?: Record<string, string>;
}

/** One cloud seen past Gantry: from the API server and the nodes that it runs on. */
export class Pods {
  readonly core: CoreV1Api;
  private readonly batch: BatchV1Api;

  constructor(
    private readonly cluster: Pick<AnyCluster, 'api' | 'config'>,
    readonly namespace: string,
  ) {
    this.core = cluster.config.makeApiClient(CoreV1Api);
    this.batch = cluster.config.makeApiClient(BatchV1Api);
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
      const led = (await this.readyEndpoints()).filter(({ service }) => !service.endsWith('-peers'));
      return led.some((endpoint) => endpoint.node === node) ? undefined : true;
    });
  }

  /** Removes every pod at once. */
  async deleteAll(): Promise<void> {
    await this.core.deleteCollectionNamespacedPod({ namespace: this.namespace });
  }

  /** Removes the claims of a process with what is on them, and its pods, which would keep the claims. */
  async lose(process: string): Promise<void> {
    const ofProcess = { namespace: this.namespace, labelSelector: `${Label.name}=${process}` };
    const { items } = await this.core.listNamespacedPersistentVolumeClaim(ofProcess);
    const before = items.map(({ metadata }) => metadata?.uid);
    if (before.length === 0) throw new Error(`${process} has no claim`);
    await this.core.deleteCollectionNamespacedPersistentVolumeClaim(ofProcess);
    await this.core.deleteCollectionNamespacedPod(ofProcess);
    await waitUntil(`no claim of ${process} as before`, 60_000, async () => {
      const now = await this.core.listNamespacedPersistentVolumeClaim(ofProcess);
      return now.items.some(({ metadata }) => before.includes(metadata?.uid)) ? undefined : true;
    });
  }

  /** Names of the jobs that there are. */
  async jobs(): Promise<string[]> {
    const { items } = await this.batch.listNamespacedJob({ namespace: this.namespace });
    return items.map(({ metadata }) => metadata?.name ?? '');
  }

  /** Addresses behind a service. */
  async endpoints(service: string): Promise<string[]> {
    const ready = await this.readyEndpoints();
    return ready.filter((endpoint) => endpoint.service === service).map(({ address }) => address);
  }

  private async readyEndpoints(): Promise<{ service: string; node: string; address: string }[]> {
    const group = '/apis/discovery.k8s.io';
    const { versions } = await this.cluster.api.request<{ versions: { version: string }[] }>('GET', group);
    const version = versions.some((one) => one.version === 'v1') ? 'v1' : 'v1beta1';
    const path = `${group}/${version}/namespaces/${this.namespace}/endpointslices`;
    const { items } = await this.cluster.api.request<{ items: EndpointSlice[] }>('GET', path);
    return items.flatMap(({ metadata, endpoints }) =>
      (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses, nodeName, topology }) => {
          const service = metadata.labels['kubernetes.io/service-name'] ?? '';
          const node = nodeName ?? topology?.['kubernetes.io/hostname'] ?? '';
          return addresses.map((address) => ({ service, node, address }));
        }),
    );
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
