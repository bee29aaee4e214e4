import { hashOf } from '../../src/plan/identity.ts';

/**
 * Labels and annotations of every object that Gantry keeps. Where Kubernetes recommends a name, that one
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/).
 */
export const Label = {
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
  /** The process or job. */
  name: 'app.kubernetes.io/name',
  cloud: 'gantry.org/cloud',
  service: 'gantry.org/service',
  /** `process` or `job`. */
  kind: 'gantry.org/kind',
  /** The bundle that an object belongs to. */
  bundle: 'gantry.org/bundle',
  /** What the process is one of, for one of several devices. */
  instanceOf: 'gantry.org/instance-of',
  /** Identity of the process that a pod was made from. */
  identity: 'gantry.org/identity',
} as const;

export const Annotation = {
  /** Parts of the identity, on pod templates: what a plan names as changed. */
  image: 'gantry.org/image',
  settings: 'gantry.org/settings',
  /**
   * JSON: hash of each file by path. On pod templates of the files that only a new pod takes up, because a template
   * that changes replaces its pods; on the reloadable Secret of those that it holds.
   */
  fileHashes: 'gantry.org/file-hashes',
  /**
   * JSON, on the reloadable Secret: the hashes that running pods have taken up. It is written when a reload has ended,
   * so that one that was interrupted is still wanted afterwards; server-side apply leaves it alone, because it is
   * written under another name.
   */
  takenUp: 'gantry.org/taken-up',
  /** On pods of what forms clusters: made as the only instance. */
  alone: 'gantry.org/alone',
} as const;

/** The name under which the API server records which fields are Gantry's. */
export const FIELD_MANAGER = 'gantry';

/** Name of the service that users reach the cloud by; of what has others beside it, how they begin. */
export const FRONT_DOOR = 'front-door';

/** Class of the services that answer at addresses of nodes without any load balancer: no controller knows it. */
export const NODES_CLASS = 'gantry.org/nodes';

/** Annotation of a node that was drained and still keeps what the cloud had there: it was lost then, as a rule. */
export function leftBehind(cloud: string): string {
  return `left-behind.gantry.org/${cloud}`;
}

/** The immutable Secret with the files of a process or job that only a new pod takes up; named by content. */
export function configName(workload: string, files: unknown): string {
  return `${workload}-config-${hashOf(files)}`;
}

/** The Secret with the files that running processes take up. */
export function reloadableName(workload: string): string {
  return `${workload}-reloadable`;
}

/** Headless service that gives each instance of a process a name of its own, ready or not. */
export function peersName(process: string): string {
  return `${process}-peers`;
}

export function jobName(job: string, identity: string): string {
  return `${job}-${identity}`;
}
