/**
 * What an orchestrating engine keeps: objects that are declared as a whole and brought about by the engine's own
 * controllers. One bundle per process holds all objects that exist for it; nothing here names an engine.
 */

import type { ObservedNode } from '../../../src/model/observed.ts';
import type { Process } from '../../../src/model/workload.ts';
import type { Identity } from '../../../src/plan/identity.ts';

/** An object of the engine's API. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  /** Undefined for what belongs to the whole cluster. */
  namespace: string | undefined;
  name: string;
}

/** One string per object, such as `Deployment/nova-api`; unique within a cloud. */
export function objectKey({ kind, name }: ObjectRef): string {
  return `${kind}/${name}`;
}

export interface DesiredObject {
  ref: ObjectRef;
  /** As the engine's API takes it. May hold secrets: never printed. */
  manifest: object;
  /** Where it answers, if that is told to the API apart from the manifest. */
  addresses?: readonly string[];
  /** Stays for as long as the process's data: what takes its place would be unlike it, as of another address. */
  outlives?: boolean;
}

/** All objects of one process, or of what processes share (`cloud`: namespace, policies, volumes). */
export interface DesiredBundle {
  /** Name of the process, or of what is shared. */
  name: string;
  /** Service, or `cloud` for what belongs to none. */
  group: string;
  process: Process | undefined;
  /** Identity of the process, which its pods are labelled with. */
  identity: Identity | undefined;
  objects: DesiredObject[];
}

/** How a live object compares with the wanted one, as the engine itself says. */
export type ObjectDifference =
  | { state: 'absent' }
  | { state: 'same' }
  /** `fields` are paths such as `spec.replicas`. */
  | { state: 'changed'; fields: string[]; conflicts: FieldConflict[] }
  /** A field differs that the engine never changes in place: removed and made again. */
  | { state: 'immutable'; fields: string[]; conflicts: FieldConflict[] };

/** A field that somebody else claims. */
export interface FieldConflict {
  field: string;
  /** The other one's field manager, such as `kubectl-edit`. */
  owner: string;
}

/** What a process was given when its present pods were made: for saying what changed. */
export interface ObservedRollout {
  identity: string;
  image: string;
  settings: string;
  fileHashes: Record<string, string>;
  /** Rendered files by path, present only where a hash differs from what is wanted. */
  files: Record<string, string>;
  /** All wanted instances run the wanted identity and are healthy. */
  ready: boolean;
  /** Why not yet, in words. */
  detail: string | undefined;
}

/** A volume that is there in another size than is wanted. */
export interface ObservedResize {
  /** As the catalogue and cloud.yaml name it. */
  volume: string;
  ref: ObjectRef;
  /** The bundle whose instances use it. */
  bundle: string;
  /** In the engine's own words, such as `20Gi`. */
  from: string;
  to: string;
  /** A setting of its service says its size, in place of `kubernetes.volumeSizes`. */
  ofService: boolean;
  /** Why it cannot come about: it would be smaller, or what provides it keeps the size. */
  obstacle: 'smaller' | { storageClass: string } | undefined;
}

export interface StrayObject {
  ref: ObjectRef;
  /** The bundle that it was made for. */
  bundle: string;
  group: string;
  /** Its removal loses data: a volume claim. */
  holdsData: boolean;
}

/** A snapshot of all that an orchestrating engine holds for one cloud, compared with what is desired. */
export interface ObservedBundles {
  /** References of images that nodes can take from the registry. */
  images: string[];
  /** Nodes that need, and lack, the image of the registry inside the cluster, from which they get all others. */
  unseeded: string[];
  /** References of images that this machine could publish without building them. */
  builtImages: string[];
  /** By objectKey, for every desired object. */
  objects: Record<string, ObjectDifference>;
  /** Objects of this cloud that are no longer desired. */
  stray: StrayObject[];
  /** By process, for those that exist. */
  rollouts: Record<string, ObservedRollout>;
  resizes: ObservedResize[];
  nodes: ObservedNode[];
  /** Names of nodes without a role that still keep what the cloud had there when they were drained. */
  drained: string[];
  /** Jobs left over by an interrupted run, by job name. */
  jobs: Record<string, ObjectRef[]>;
  /** Job and task names to content hash; undefined where the ledger's process does not answer. */
  ledger: Record<string, string> | undefined;
}
