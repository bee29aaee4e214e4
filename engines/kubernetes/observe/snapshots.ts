import type { Clock } from '../../../src/model/clock.ts';
import type { ClusterApi } from '../api/client.ts';
import type { EventObject, KubeList, Node, Pod, WorkloadObject } from '../api/objects.ts';
import { workloadKinds } from '../api/resources.ts';
import type { ClusterView } from '../waiters/pod.ts';
import { type CloudScope, listKind, listPods } from './live.ts';
import { readNodes } from './nodes.ts';

/** Age, in milliseconds, up to which one answer serves everybody who waits. */
const FRESH = 400;
/** The same for all nodes of the cluster, which are much to read and seldom change. */
const FRESH_NODES = 5_000;

export interface FoundWorkload {
  kind: (typeof workloadKinds)[number];
  object: WorkloadObject;
}

/**
 * What those who wait look at. Two dozen waits share one call of each kind. Nobody is given an answer from before
 * `notBefore`, in the clock's milliseconds: who has just applied something would be shown what was there before it.
 */
export interface Snapshots {
  pods(notBefore?: number): Promise<Pod[]>;
  workloads(notBefore?: number): Promise<FoundWorkload[]>;
  /** Of pods and of what makes them, in the cloud's namespace. */
  events(): Promise<EventObject[]>;
  nodes(): Promise<Node[]>;
}

export function createSnapshots(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  clock: Clock,
): Snapshots {
  return {
    pods: shared(clock, () => listPods(api, scope)),
    workloads: shared(clock, () => listWorkloads(api, scope)),
    events: shared(clock, () => listEvents(api, scope.namespace)),
    nodes: shared(clock, () => readNodes(api), FRESH_NODES),
  };
}

/** What tells why pods are not ready. */
export async function lookAround(snapshots: Snapshots, clock: Clock): Promise<ClusterView> {
  const [events, nodes] = await Promise.all([snapshots.events(), snapshots.nodes()]);
  return { events, nodes, now: clock.now() };
}

async function listWorkloads(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
): Promise<FoundWorkload[]> {
  const lists = await Promise.all(
    workloadKinds.map(async (kind) => {
      const objects = await listKind<WorkloadObject>(api, kind, 'apps/v1', scope);
      return objects.map((object) => ({ kind, object }));
    }),
  );
  return lists.flat();
}

export async function listEvents(api: ClusterApi, namespace: string): Promise<EventObject[]> {
  const { items } = await api.request<KubeList<EventObject>>('GET', `/api/v1/namespaces/${namespace}/events`);
  return items;
}

function shared<T>(clock: Clock, read: () => Promise<T>, fresh = FRESH): (notBefore?: number) => Promise<T> {
  let last: { at: number; answer: Promise<T> } | undefined;
  return (notBefore = 0) => {
    const now = clock.now();
    if (!last || last.at < notBefore || now - last.at > fresh) {
      const answer = read();
      // A failure is not kept for the next one who asks.
      answer.catch(() => {
        if (last?.answer === answer) last = undefined;
      });
      last = { at: now, answer };
    }
    return last.answer;
  };
}
