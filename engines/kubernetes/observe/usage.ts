import { messageOf } from '../../../src/errors.ts';
import type { ObservedInstance } from '../../../src/model/observed.ts';
import { parseQuantity } from '../../../src/model/settings/units.ts';
import type { InstanceUsage, Usage } from '../../../src/model/usage.ts';
import { timeLimit } from '../../../src/time-limit.ts';
import type { ClusterApi } from '../api/client.ts';
import { mapBounded } from '../api/pool.ts';
import { coresOf } from './resources.ts';

const LIMIT_MS = 5_000;
/** Kubelets asked at the same time. */
const WIDTH = 8;

/** What a kubelet says of its pods: https://kubernetes.io/docs/reference/instrumentation/node-metrics/ */
export interface KubeletSummary {
  pods?: {
    podRef: { name: string; namespace: string };
    containers?: { cpu?: { usageNanoCores?: number }; memory?: { workingSetBytes?: number } }[];
  }[];
}

/** What the metrics server says of pods, where a cluster has one. */
export interface PodMetrics {
  items: { metadata: { name: string }; containers: { usage: { cpu?: string; memory?: string } }[] }[];
}

/**
 * What pods use, by their kubelets, which takes the right to ask nodes (`nodes/proxy`); of nodes that do not tell, by the
 * metrics server.
 */
export async function readUsage(
  api: ClusterApi,
  namespace: string,
  pods: readonly ObservedInstance[],
): Promise<Usage> {
  const running = pods.filter(({ state }) => state === 'running');
  const nodes = [...new Set(running.flatMap(({ node }) => node ?? []))].sort();
  const silent: { node: string; why: string }[] = [];
  const found = new Map<string, InstanceUsage>();
  await mapBounded(nodes, WIDTH, async (node) => {
    try {
      const path = `/api/v1/nodes/${node}/proxy/stats/summary`;
      const summary = await api.request<KubeletSummary>('GET', path, { signal: timeLimit(LIMIT_MS) });
      for (const [name, usage] of summarised(summary, namespace)) found.set(name, usage);
    } catch (thrown) {
      silent.push({ node, why: messageOf(thrown) });
    }
  });
  if (silent.length === 0) return { instances: found, unknown: [] };
  try {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`;
    const metrics = await api.request<PodMetrics>('GET', path, { signal: timeLimit(LIMIT_MS) });
    return { instances: new Map([...measured(metrics), ...found]), unknown: [] };
  } catch {
    const unknown = silent.map(
      ({ node, why }) =>
        `what pods of ${node} use is not known: the kubelet does not tell (${why}), and there is no metrics server`,
    );
    return { instances: found, unknown };
  }
}

export function summarised({ pods = [] }: KubeletSummary, namespace: string): [string, InstanceUsage][] {
  return pods
    .filter(({ podRef }) => podRef.namespace === namespace)
    .map(({ podRef, containers = [] }) => {
      const cores = sum(containers.map(({ cpu }) => cpu?.usageNanoCores));
      const bytes = sum(containers.map(({ memory }) => memory?.workingSetBytes));
      return [podRef.name, usageOf(cores === undefined ? undefined : cores / 1e9, bytes)];
    });
}

export function measured({ items }: PodMetrics): [string, InstanceUsage][] {
  return items.map(({ metadata, containers }) => {
    const cores = sum(containers.map(({ usage }) => coresOf(usage.cpu)));
    const bytes = sum(containers.map(({ usage }) => usage.memory && parseQuantity(usage.memory)));
    return [metadata.name, usageOf(cores, bytes)];
  });
}

function usageOf(cpus: number | undefined, bytes: number | undefined): InstanceUsage {
  return { memoryMiB: bytes === undefined ? undefined : bytes / 1024 ** 2, cpus };
}

/** Undefined where one is not known. */
function sum(numbers: readonly (number | string | undefined)[]): number | undefined {
  if (numbers.length === 0 || numbers.some((one) => typeof one !== 'number')) return undefined;
  return (numbers as number[]).reduce((total, one) => total + one, 0);
}
