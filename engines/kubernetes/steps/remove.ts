import type { StepContext } from '../../../src/engine/engine.ts';
import { GantryError } from '../../../src/errors.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { Farewell } from '../../../src/model/workload.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure, unlessMissing } from '../api/failure.ts';
import type { KubeList, KubeObject, Pod } from '../api/objects.ts';
import { mapBounded } from '../api/pool.ts';
import { collectionPath, objectPath, rankOf, workloadKinds } from '../api/resources.ts';
import { listPods, listPodsOf, readObject } from '../observe/live.ts';
import type { ObjectRef } from '../plan/bundle.ts';
import { bidFarewell } from '../pods/farewell.ts';
import { isRunning } from '../pods/find.ts';
import { lostAmong } from '../pods/lost.ts';
import { Patience } from '../waiters/patience.ts';
import type { RunContext } from './run-context.ts';

/** Longest wait for removed objects and their pods to be gone while nothing moves, in seconds. Pods' own grace is less. */
const GONE_LIMIT = 180;
const PAUSE = 300;

export type Propagation = 'Foreground' | 'Background' | 'Orphan';

export interface RemoveArgs {
  name: string;
  objects: readonly ObjectRef[];
  farewell?: Farewell;
}

/**
 * Runs the farewell in every running pod of the process, removes the objects, those first that need others, and
 * waits until the objects are gone and nothing runs in their pods. What is gone already is fine, and what is on a lost
 * node ends when that is back.
 */
export async function removeBundle(
  { api, scope, snapshots, options: { clock } }: Pick<RunContext, 'api' | 'scope' | 'snapshots' | 'options'>,
  { name, objects, farewell }: RemoveArgs,
  context: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<void> {
  const isOutOfReach = lostAmong(await snapshots.nodes());
  const listReachable = async (): Promise<Pod[]> =>
    (await listPodsOf(api, scope, [name], context.signal)).filter((pod) => !isOutOfReach(pod));
  if (farewell) await bidFarewells(api, name, farewell, await listReachable(), context);
  const ordered = [...objects].sort((a, b) => rankOf(b.kind) - rankOf(a.kind));
  const workloads = ordered.filter(({ kind }) => makesPods(kind));
  const pods = workloads.length > 0 ? madeBy(workloads, await listReachable()) : [];
  await removeAll(api, workloads, context);
  // What pods use goes after them: a claim would wait for its pod, and a Secret be missed by it.
  await waitUntilGone(api, clock, workloads, GONE_LIMIT, context);
  await waitUntilEnded(api, clock, pods, context);
  const rest = ordered.filter(({ kind }) => !makesPods(kind));
  await removeAll(api, rest, context);
  if (rest.some(({ kind }) => kind === 'Namespace')) {
    await forgetPods(api, (await listPods(api, scope, context.signal)).filter(isOutOfReach), context);
  }
  await waitUntilGone(api, clock, rest, GONE_LIMIT, context);
}

/**
 * Removes pods without waiting for their nodes, which would hold the namespace. A node that comes back ends what it
 * runs of them by itself:
 * https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/
 */
async function forgetPods(
  api: ClusterApi,
  pods: readonly Pod[],
  { signal }: Pick<StepContext, 'signal'>,
): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };
  await mapBounded(pods, 8, (pod) =>
    unlessMissing(api.request('DELETE', objectPath(podRef(pod)), { body, signal })),
  );
}

function makesPods(kind: string): boolean {
  return kind === 'Job' || workloadKinds.some((one) => one === kind);
}

async function removeAll(
  api: ClusterApi,
  objects: readonly ObjectRef[],
  { signal }: Pick<StepContext, 'signal'>,
): Promise<void> {
  await mapBounded(objects, 8, async (ref) => {
    try {
      await deleteObject(api, ref, 'Background', signal);
    } catch (thrown) {
      throw clusterFailure(`${ref.kind} ${ref.name} could not be removed`, thrown);
    }
  });
}

/** Those of the pods that these workloads made. */
function madeBy(workloads: readonly ObjectRef[], pods: readonly Pod[]): Pod[] {
  return pods.filter(({ metadata }) => {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller);
    // A Deployment's pods belong to its replica sets, which have its name and a hash.
    const [kind, of] =
      owner?.kind === 'ReplicaSet'
        ? ['Deployment', owner.name.replace(/-[^-]*$/, '')]
        : [owner?.kind, owner?.name];
    return workloads.some((ref) => ref.kind === kind && ref.name === of);
  });
}

/**
 * Waits until nothing runs in the pods any more. Their objects stay longer: a kubelet of before 1.22 removes those
 * only every ten seconds, and nothing need wait for that.
 */
export async function waitUntilEnded(
  api: ClusterApi,
  clock: Clock,
  pods: readonly Pod[],
  context: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<void> {
  const uids = new Map(pods.map(({ metadata }) => [metadata.name, metadata.uid]));
  await waitWhile<Pod>(api, clock, pods.map(podRef), {
    limit: GONE_LIMIT,
    // One of a stateful set may have a successor of its name.
    isLeft: (pod) => pod.metadata.uid === uids.get(pod.metadata.name) && !hasEnded(pod),
    describe: ({ name }) => `${name} to end`,
    context,
  });
}

function hasEnded({ metadata, status }: Pod): boolean {
  const containers = status.containerStatuses ?? [];
  return metadata.deletionTimestamp !== undefined && containers.every(({ state }) => !state.running);
}

export function podRef({ metadata: { namespace, name } }: Pod): ObjectRef {
  return { apiVersion: 'v1', kind: 'Pod', namespace, name };
}

/** Asks for an object to be deleted; one that is gone is fine. */
export async function deleteObject(
  api: ClusterApi,
  ref: ObjectRef,
  propagationPolicy: Propagation,
  signal: AbortSignal,
): Promise<void> {
  await unlessMissing(
    api.request('DELETE', objectPath(ref), {
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy },
      signal,
    }),
  );
}

/** Throws `kubernetes.not-gone` with what holds the object when nothing has moved for the time, in seconds. */
export async function waitUntilGone(
  api: ClusterApi,
  clock: Clock,
  objects: readonly ObjectRef[],
  limit: number,
  context: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<void> {
  await waitWhile<KubeObject>(api, clock, objects, {
    limit,
    // Only what is being deleted is waited for: something of the same name may have been made since.
    isLeft: ({ metadata }) => metadata.deletionTimestamp !== undefined,
    describe: ({ kind, name }) => `${kind} ${name} to be gone`,
    context,
  });
}

interface Wait<T> {
  /** Seconds. */
  limit: number;
  /** Whether an object that is there has to be waited for still. */
  isLeft(object: T): boolean;
  /** What is waited for, in words. */
  describe(ref: ObjectRef): string;
  context: Pick<StepContext, 'signal' | 'waiting'>;
}

async function waitWhile<T extends KubeObject>(
  api: ClusterApi,
  clock: Clock,
  objects: readonly ObjectRef[],
  { limit, isLeft, describe, context }: Wait<T>,
): Promise<void> {
  let left = [...objects];
  let present: { ref: ObjectRef; object: T }[] = [];
  const patience = new Patience(clock, limit, async () => {
    const pods = await readPodsBeside(api, left, context.signal);
    return [...present.map(({ object }) => object), ...pods].map(markOf).sort().join();
  });
  for (;;) {
    const found = await mapBounded(left, 8, async (ref) => {
      const object = await unlessMissing(readObject<T>(api, ref, context.signal));
      return object && isLeft(object) ? { ref, object } : undefined;
    });
    present = found.filter((entry) => entry !== undefined);
    const [first] = present;
    if (!first) return;
    left = present.map(({ ref }) => ref);
    context.waiting(`${describe(first.ref)}${left.length > 1 ? ` and ${left.length - 1} more` : ''}`);
    if (await patience.isOver()) throw notGone(first.ref, first.object, patience.waited);
    await clock.sleep(PAUSE, context.signal);
  }
}

/** All pods of the namespaces of these objects: a kubelet that is busy with one of them has not come to others yet. */
async function readPodsBeside(
  api: ClusterApi,
  objects: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const namespaces = objects.flatMap(({ kind, namespace, name }) =>
    kind === 'Namespace' ? [name] : (namespace ?? []),
  );
  const lists = await mapBounded([...new Set(namespaces)], 8, (namespace) =>
    api.request<KubeList<KubeObject>>('GET', collectionPath('Pod', 'v1', namespace), { signal }),
  );
  return lists.flatMap(({ items }) => items);
}

/** Another text whenever an object has changed. */
function markOf({ metadata: { uid, name, resourceVersion } }: KubeObject): string {
  return `${uid ?? name} ${resourceVersion}`;
}

/** Runs the farewell in every running pod; of one that does not run there is nothing to end. */
async function bidFarewells(
  api: ClusterApi,
  name: string,
  farewell: Farewell,
  pods: readonly Pod[],
  context: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<void> {
  context.waiting(`${name} to end what outlives its pods`);
  await mapBounded(pods.filter(isRunning), 8, (pod) => bidFarewell(api, pod, farewell, context.signal));
}

function notGone(ref: ObjectRef, { metadata }: KubeObject, seconds: number): GantryError {
  const finalizers = (metadata as { finalizers?: string[] }).finalizers ?? [];
  return new GantryError({
    code: 'kubernetes.not-gone',
    whose: 'environment',
    message: `${ref.kind} ${ref.name} is not gone after ${seconds} s, and nothing moves any more`,
    why: finalizers.length > 0 ? `It is held by ${finalizers.join(', ')}.` : 'The cluster does not say why.',
    next: `\`kubectl${ref.namespace === undefined ? '' : ` -n ${ref.namespace}`} describe ${ref.kind.toLowerCase()} ${ref.name}\` may show more; run the command again.`,
  });
}
