import type { Desired } from '../../../src/model/desired.ts';
import type { Process, Workload } from '../../../src/model/workload.ts';
import { referenceOf } from '../../../src/plan/jobs.ts';
import { Label } from '../names.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import type { ClusterFacts } from './cluster.ts';

/** What every object is rendered from. */
export interface RenderInput {
  desired: Pick<Desired, 'cloud' | 'images' | 'processes' | 'jobs' | 'publicAddress'>;
  cluster: ClusterFacts;
}

/** An object as the API takes it, with what all kinds have in common. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels: Record<string, string> };
}

/** Value of Label.bundle and name of the bundle of what processes share. */
export const SHARED = 'cloud';

/** Labels of the objects that processes share. */
export function sharedLabels(cloud: string): Record<string, string> {
  return {
    [Label.managedBy]: 'gantry',
    [Label.partOf]: cloud,
    [Label.cloud]: cloud,
    [Label.bundle]: SHARED,
  };
}

/** Labels of the objects of a process or job, without its identity: an object outlives many of those. */
export function workloadLabels(cloud: string, workload: Workload): Record<string, string> {
  return {
    ...sharedLabels(cloud),
    [Label.name]: workload.name,
    [Label.service]: workload.service,
    [Label.kind]: workload.kind,
    [Label.bundle]: workload.name,
    ...(workload.kind === 'process' && workload.instanceOf
      ? { [Label.instanceOf]: workload.instanceOf }
      : {}),
  };
}

/** What the pods are found by that are to be apart: those of a process, or of what has one for each device. */
export function siblingSelector(process: Pick<Process, 'name' | 'instanceOf'>): Record<string, string> {
  return process.instanceOf ? { [Label.instanceOf]: process.instanceOf } : podSelector(process);
}

/** What the pods of a process are found by; never changes, since controllers refuse that. */
export function podSelector(process: Pick<Workload, 'name'>): Record<string, string> {
  return { [Label.name]: process.name };
}

/** Metadata of an object of a process or job, in the cloud's namespace. */
export function workloadMetadata({ desired, cluster }: RenderInput, workload: Workload, name: string) {
  return { name, namespace: cluster.namespace, labels: workloadLabels(desired.cloud, workload) };
}

export function desiredObject(manifest: Manifest): DesiredObject {
  const { apiVersion, kind, metadata } = manifest;
  return { ref: { apiVersion, kind, namespace: metadata.namespace, name: metadata.name }, manifest };
}

/** Where nodes take the image of a workload from. */
export function imageOf({ desired, cluster }: RenderInput, workload: Workload): string {
  return `${cluster.imagePrefix}${referenceOf(workload, desired.images)}`;
}
