import type { WorkloadObject } from '../api/objects.ts';

/** How far a controller has brought about what was applied. */
export interface RolloutProgress {
  done: boolean;
  ready: number;
  wanted: number;
  /** What is missing where all pods that are there are ready. */
  text: string | undefined;
}

/** Progress of a Deployment, StatefulSet or DaemonSet, from the status that its controller keeps. */
export function rolloutProgress(kind: string, object: WorkloadObject): RolloutProgress {
  const progress = kind === 'DaemonSet' ? daemonSet(object) : replicated(kind, object);
  const seen = (object.status?.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);
  if (!seen) return { ...progress, done: false, text: 'the cluster has not taken it up yet' };
  return progress;
}

function replicated(kind: string, { spec, status }: WorkloadObject): RolloutProgress {
  const wanted = spec.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const total = status?.replicas ?? 0;
  const updated = updatedCount(kind, wanted, status);
  const old = total - updated;
  const base = { ready: Math.min(ready, wanted), wanted };
  if (updated < wanted) return { ...base, done: false, text: `${updated} of ${wanted} made anew` };
  if (old > 0) return { ...base, done: false, text: `${old} of the earlier version to be stopped` };
  // A Deployment's old pods are counted as ready as long as they are there.
  if (ready < wanted || total > wanted) return { ...base, done: false, text: undefined };
  return { ...base, done: true, text: undefined };
}

/** A StatefulSet that is up to date counts no updated pods: both of its revisions are the same. */
function updatedCount(kind: string, wanted: number, status: WorkloadObject['status']): number {
  const { updatedReplicas = 0, replicas = 0, currentRevision, updateRevision } = status ?? {};
  if (kind !== 'StatefulSet' || currentRevision === undefined) return updatedReplicas;
  return currentRevision === updateRevision
    ? Math.min(replicas, Math.max(wanted, updatedReplicas))
    : updatedReplicas;
}

function daemonSet({ status }: WorkloadObject): RolloutProgress {
  const wanted = status?.desiredNumberScheduled ?? 0;
  const ready = status?.numberReady ?? 0;
  const updated = status?.updatedNumberScheduled ?? 0;
  const done = updated >= wanted && ready >= wanted;
  const text = updated < wanted ? `${updated} of ${wanted} made anew` : undefined;
  return { done, ready, wanted, text };
}
