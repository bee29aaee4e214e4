import type { Metadata } from '../api/objects.ts';
import { dataKinds } from '../api/resources.ts';
import { Label } from '../names.ts';
import { type DesiredObject, type ObjectRef, objectKey, type StrayObject } from '../plan/bundle.ts';
import type { Live } from './live.ts';

/**
 * Objects that carry the cloud's label and are not desired. What a controller made is that controller's, and jobs
 * are told apart: they end by themselves. Claims of stateful sets are in here as holding data.
 */
export function findStrays(live: Live, desired: readonly DesiredObject[]): StrayObject[] {
  const wanted = new Set(desired.map(({ ref }) => objectKey(ref)));
  return [...live.objects.values()]
    .filter(({ ref, object }) => !wanted.has(objectKey(ref)) && !isControlled(object.metadata))
    .filter(({ object }) => object.metadata.labels?.[Label.kind] !== 'job')
    .map(({ ref, object: { metadata } }) => ({
      ref,
      bundle: metadata.labels?.[Label.bundle] ?? metadata.labels?.[Label.name] ?? 'cloud',
      group: metadata.labels?.[Label.service] ?? 'cloud',
      holdsData: dataKinds.has(ref.kind),
    }));
}

/** Objects of jobs that an interrupted run left, by the job's name. */
export function findJobs(live: Live): Record<string, ObjectRef[]> {
  const jobs: Record<string, ObjectRef[]> = {};
  for (const { ref, object } of live.objects.values()) {
    const { labels, ownerReferences } = object.metadata;
    if (labels?.[Label.kind] !== 'job' || isControlled({ ownerReferences })) continue;
    const name = labels[Label.name] ?? ref.name;
    jobs[name] = [...(jobs[name] ?? []), ref];
  }
  return jobs;
}

function isControlled({ ownerReferences }: Pick<Metadata, 'ownerReferences'>): boolean {
  return ownerReferences?.some(({ controller }) => controller === true) ?? false;
}
