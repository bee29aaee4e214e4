import { instancesOf, notRunning } from '../../../src/engine/target.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { Label } from '../names.ts';
import { type CloudScope, listPods, listPodsOf } from '../observe/live.ts';
import { describePod, isPodReady } from '../waiters/pod.ts';

export interface NumberedPod {
  pod: Pod;
  process: string;
  ordinal: number;
}

/**
 * Pods of processes with their numbers. Stateful sets number their pods; others are numbered with those first that
 * are ready, then by age, so that a replacement under way does not push healthy ones to the end.
 */
export function numberPods(pods: readonly Pod[]): NumberedPod[] {
  return [...groupByProcess(pods)].flatMap(([process, own]) =>
    own
      .sort(compareAge)
      .map((pod, index) => ({ pod, process, ordinal: setOrdinal(pod) ?? index }))
      .sort((a, b) => a.ordinal - b.ordinal),
  );
}

/** Pods by the name of their process; those of jobs are left out. */
export function groupByProcess(pods: readonly Pod[]): Map<string, Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const labels = pod.metadata.labels ?? {};
    const name = labels[Label.name];
    if (name === undefined || labels[Label.kind] === 'job') continue;
    const own = groups.get(name);
    if (own) own.push(pod);
    else groups.set(name, [pod]);
  }
  return groups;
}

function setOrdinal({ metadata }: Pod): number | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  const number = /-(\d+)$/.exec(metadata.name)?.[1];
  return owner?.kind === 'StatefulSet' && number !== undefined ? Number(number) : undefined;
}

function compareAge(a: Pod, b: Pod): number {
  const rank = (pod: Pod) => (isPodReady(pod) ? 0 : pod.metadata.deletionTimestamp ? 2 : 1);
  const age = (pod: Pod) => `${pod.metadata.creationTimestamp ?? ''} ${pod.metadata.name}`;
  return rank(a) - rank(b) || (age(a) < age(b) ? -1 : 1);
}

/**
 * The running pod to talk to of `nova-api`, or of `nova-api-1` where one is meant; a ready one before others, the
 * lowest number first. Throws where there is none.
 */
export async function findRunning(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  target: string,
): Promise<NumberedPod> {
  const all = numberPods(await listCandidates(api, scope, target));
  const found = instancesOf(target, { cloud: scope.cloud, kind: 'pod', all });
  const running = found.filter(({ pod }) => isRunning(pod));
  const rank = ({ pod }: NumberedPod) => (isPodReady(pod) ? 0 : 1);
  const best = running.sort((a, b) => rank(a) - rank(b) || a.ordinal - b.ordinal)[0];
  if (best) return best;
  const [{ pod, process }] = found;
  const words = describePod(pod, { now: 0 })?.text ?? '';
  throw notRunning(target, process, `Its pod ${pod.metadata.name} ${words}`.trim());
}

/** The pods of the process that is meant; all of them where it has none, to say what there is. */
async function listCandidates(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  target: string,
): Promise<Pod[]> {
  const names = /^[a-z0-9-]+(\.\d+)?$/.test(target)
    ? [target.replace(/\.\d+$/, ''), target.replace(/[.-]\d+$/, '')]
    : [];
  const own = await listPodsOf(api, scope, [...new Set(names)]);
  return own.length > 0 ? own : listPods(api, scope);
}

/** Whether commands can be run in its first container. */
export function isRunning(pod: Pod): boolean {
  const first = pod.spec.containers[0]?.name;
  const status = pod.status.containerStatuses?.find(({ name }) => name === first);
  return status?.state.running !== undefined;
}
