import { closest, distance } from 'fastest-levenshtein';
import { GantryError } from '../../src/errors.ts';
import type { ClusterApi } from './api.ts';
import { type CloudScope, listPods } from './live.ts';
import { Label } from './names.ts';
import type { Pod } from './objects.ts';
import { describePod, isPodReady } from './waiters/pod.ts';

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
  const byProcess = new Map<string, Pod[]>();
  for (const pod of pods) {
    const labels = pod.metadata.labels ?? {};
    const name = labels[Label.name];
    if (name === undefined || labels[Label.kind] === 'job') continue;
    byProcess.set(name, [...(byProcess.get(name) ?? []), pod]);
  }
  return [...byProcess].flatMap(([process, own]) =>
    own
      .sort(compareAge)
      .map((pod, index) => ({ pod, process, ordinal: setOrdinal(pod) ?? index }))
      .sort((a, b) => a.ordinal - b.ordinal),
  );
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
 * The running pod to talk to of `nova-api`, or of `nova-api.1` where one is meant; a ready one before others, the
 * lowest number first. Throws where there is none.
 */
export async function findRunning(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  target: string,
): Promise<NumberedPod> {
  const [, process = target, ordinal] = /^(.+?)(?:\.(\d+))?$/.exec(target) ?? [];
  const all = numberPods(await listPods(api, scope));
  const ofProcess = all.filter(
    (one) => one.process === process && (ordinal === undefined || one.ordinal === Number(ordinal)),
  );
  const running = ofProcess.filter(({ pod }) => isRunning(pod));
  const rank = ({ pod }: NumberedPod) => (isPodReady(pod) ? 0 : 1);
  const best = running.sort((a, b) => rank(a) - rank(b) || a.ordinal - b.ordinal)[0];
  if (best) return best;
  if (!ofProcess[0]) {
    throw unknownProcess(
      scope.cloud,
      target,
      all.map((one) => one.process),
    );
  }
  throw new GantryError({
    code: 'process.not-running',
    whose: 'environment',
    message: `${target} is not running`,
    why: `Its pod ${ofProcess[0].pod.metadata.name} ${describePod(ofProcess[0].pod, [], 0)?.text ?? ''}`.trim(),
    next: `\`gantry logs ${process}\` shows why; \`gantry up\` starts it.`,
  });
}

/** Whether commands can be run in its first container. */
export function isRunning(pod: Pod): boolean {
  const first = pod.spec.containers[0]?.name;
  const status = pod.status.containerStatuses?.find(({ name }) => name === first);
  return status?.state.running !== undefined;
}

/** The error for a process that the cloud has no pod of, with the nearest name that it has. */
export function unknownProcess(cloud: string, target: string, known: string[]): GantryError {
  const names = [...new Set(known)].sort();
  const near = names.length > 0 ? closest(target, names) : undefined;
  const likely = near && distance(near, target) <= Math.max(2, target.length / 3) ? near : undefined;
  return new GantryError({
    code: 'process.unknown',
    whose: 'user',
    message: `The cloud ${cloud} has no pod of ${target}`,
    why: names.length > 0 ? `It has: ${names.join(', ')}` : 'It has no pods.',
    next: likely
      ? `Did you mean ${likely}?`
      : '`gantry status` lists the processes; `gantry up` starts them.',
  });
}
