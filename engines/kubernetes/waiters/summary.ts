import type { EventObject, Pod, WorkloadObject } from '../api/objects.ts';
import { Label } from '../names.ts';
import { type ClusterView, describePod, isPodReady } from './pod.ts';
import type { PodWords } from './words.ts';
import { type RolloutProgress, rolloutProgress } from './workload.ts';

/** Where a process stands, with words for what is missing. */
export interface Summary extends RolloutProgress {
  /** One sentence, such as `2 of 3 mariadb pods ready; mariadb-2: waiting for state transfer`. */
  sentence: string;
  hopeless: boolean;
  /** Name of the pod whose last lines may say why: one that keeps exiting, or else the one that is named. */
  witness: string | undefined;
  /** Names of the pods that keep exiting, which the kubelet starts again after minutes only. */
  exhausted: string[];
  /** An image that a node could not pull. */
  unpulled: string | undefined;
  /** Nodes' taints keep a pod from running, and are not named. */
  tainted: boolean;
}

/** All that is known of a rollout in one sentence. `pods` are those of the process. */
export function summarize(
  name: string,
  { kind, object }: { kind: string; object: WorkloadObject },
  pods: readonly Pod[],
  view: ClusterView,
): Summary {
  const rollout = rolloutProgress(kind, object);
  const words = pods
    .filter((pod) => !isPodReady(pod))
    .map((pod) => ({ pod, words: describePod(pod, view) }))
    .filter((entry): entry is { pod: Pod; words: PodWords } => entry.words !== undefined)
    // What is wrong with pods that are to go is no longer of interest.
    .map(({ pod, words: own }) => ({ pod, words: isWanted(pod, object) ? own : leaving }));
  const lost = words.filter((entry) => entry.words.lost).length;
  const progress = { ...rollout, done: rollout.done || servesWithout(lost, kind, rollout) };
  // What is being stopped says least, and is named only where nothing else is wrong.
  words.sort((a, b) => rank(a.words) - rank(b.words) || (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1));
  const worst = words[0];
  const count = `${progress.ready} of ${progress.wanted} ${name} ${progress.wanted === 1 ? 'pod' : 'pods'} ready`;
  const why = worst
    ? `${worst.pod.metadata.name}: ${worst.words.text}`
    : (creationProblem(object, view.events ?? []) ?? progress.text);
  return {
    ...progress,
    sentence: why ? `${count}; ${why}` : count,
    hopeless: words.some((entry) => entry.words.hopeless),
    witness: (words.find((entry) => entry.words.crashed) ?? worst)?.pod.metadata.name,
    exhausted: words
      .filter((entry) => entry.words.crashed && entry.words.hopeless)
      .map(({ pod }) => pod.metadata.name),
    unpulled: words.find((entry) => entry.words.unpulled)?.words.unpulled,
    tainted: words.some((entry) => entry.words.tainted),
  };
}

const leaving: PodWords = {
  text: 'of the earlier version, is to be stopped',
  hopeless: false,
  crashed: false,
};

/**
 * Whether a stateful process can be left as it is while nodes are lost: its pods stay with their data, and what was to
 * change has changed. More than half of them serve, which is what those that vote need.
 */
function servesWithout(lost: number, kind: string, { ready, wanted, text }: RolloutProgress): boolean {
  return kind === 'StatefulSet' && text === undefined && ready + lost >= wanted && ready * 2 > wanted;
}

/** Whether a pod was made from the present template. */
function isWanted({ metadata }: Pod, { spec }: WorkloadObject): boolean {
  return metadata.labels?.[Label.identity] === spec.template.metadata?.labels?.[Label.identity];
}

function rank({ hopeless, crashed, lost, text }: PodWords): number {
  if (hopeless) return 0;
  if (crashed) return 1;
  if (lost) return 3;
  return /(is being|is to be) stopped$/.test(text) ? 4 : 2;
}

/** Pods that the API server refused to make at all, such as by a quota or a policy. */
function creationProblem(
  { metadata, status }: WorkloadObject,
  events: readonly EventObject[],
): string | undefined {
  const failure = status?.conditions?.find(
    ({ type, status: value }) => type === 'ReplicaFailure' && value === 'True',
  );
  // Stateful and daemon sets say it in events only.
  const refused = events.filter(
    ({ reason, involvedObject }) => reason === 'FailedCreate' && involvedObject.uid === metadata.uid,
  );
  return failure?.message ?? refused.at(-1)?.message;
}
