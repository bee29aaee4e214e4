import { GantryError } from '../../../src/errors.ts';
import type { ObjectRef } from '../plan/bundle.ts';

interface Resource {
  /** Name in paths of the API. */
  plural: string;
  /** False for what belongs to the whole cluster. */
  namespaced: boolean;
  /** Group versions that serve it, the newest first; what a server has, it says by discovery. */
  versions: string[];
}

/** The kinds that a cloud is made of, in the order in which they are applied. */
const resources: Record<string, Resource> = {
  Namespace: { plural: 'namespaces', namespaced: false, versions: ['v1'] },
  ServiceAccount: { plural: 'serviceaccounts', namespaced: true, versions: ['v1'] },
  NetworkPolicy: { plural: 'networkpolicies', namespaced: true, versions: ['networking.k8s.io/v1'] },
  Secret: { plural: 'secrets', namespaced: true, versions: ['v1'] },
  PersistentVolumeClaim: { plural: 'persistentvolumeclaims', namespaced: true, versions: ['v1'] },
  Service: { plural: 'services', namespaced: true, versions: ['v1'] },
  PodDisruptionBudget: {
    plural: 'poddisruptionbudgets',
    namespaced: true,
    versions: ['policy/v1', 'policy/v1beta1'],
  },
  StatefulSet: { plural: 'statefulsets', namespaced: true, versions: ['apps/v1'] },
  DaemonSet: { plural: 'daemonsets', namespaced: true, versions: ['apps/v1'] },
  Deployment: { plural: 'deployments', namespaced: true, versions: ['apps/v1'] },
  Job: { plural: 'jobs', namespaced: true, versions: ['batch/v1'] },
  Pod: { plural: 'pods', namespaced: true, versions: ['v1'] },
};
const order = Object.keys(resources);

/** Kinds of objects that make pods. */
export const workloadKinds = ['StatefulSet', 'DaemonSet', 'Deployment'] as const;
/** Kinds that hold data of users. */
export const dataKinds: ReadonlySet<string> = new Set(['PersistentVolumeClaim']);

/** Kinds that a cloud consists of; pods, but for some that run once, are made by others. */
export function appliedKinds(): string[] {
  return order.filter((kind) => kind !== 'Pod');
}

/** All kinds that the engine makes at some time. */
export function allKinds(): string[] {
  return order;
}

/** Place in the order of application: what others need comes first. */
export function rankOf(kind: string): number {
  const rank = order.indexOf(kind);
  return rank < 0 ? order.length : rank;
}

export function isNamespaced(kind: string): boolean {
  return resourceOf(kind).namespaced;
}

/** The group version of a kind that this server serves, or undefined where it serves none that is known here. */
export function servedVersion(kind: string, groupVersions: ReadonlySet<string>): string | undefined {
  return resourceOf(kind).versions.find((version) => groupVersions.has(version));
}

/** Path of all objects of a kind, in one namespace or in the cluster. */
export function collectionPath(kind: string, apiVersion: string, namespace?: string): string {
  const { plural, namespaced } = resourceOf(kind);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${plural}`;
}

export function objectPath({ apiVersion, kind, namespace, name }: ObjectRef): string {
  return `${collectionPath(kind, apiVersion, namespace)}/${encodeURIComponent(name)}`;
}

export function resourceOf(kind: string): Resource {
  const resource = resources[kind];
  if (resource) return resource;
  throw new GantryError({
    code: 'kubernetes.unknown-kind',
    whose: 'bug',
    message: `Objects of kind ${kind} are not known to this engine`,
  });
}
