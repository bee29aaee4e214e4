import type { FrontDoor } from '../context.ts';

/** What rendering must know of a cluster: found out by the engine, plain data. */
export interface ClusterFacts {
  namespace: string;
  /** Prefix of image references that nodes take images by: a registry with a path, and a slash at the end; or empty. */
  imagePrefix: string;
  /** Names of the nodes with the control role, sorted. */
  controlNodes: string[];
  /** Addresses at which every control node, or a load balancer, takes requests for the front door. */
  frontDoor: { kind: FrontDoor; addresses: string[] };
  storageClass: string | undefined;
  /** Class for data that instances on several nodes share; without it such data is on `storageClass`, on one node. */
  sharedStorageClass: string | undefined;
  /** Quantities by volume, where claims are not to have the catalogue's sizes. */
  volumeSizes: Record<string, string>;
  /** Secrets by which nodes log in where they take images from. */
  imagePullSecrets: readonly string[];
  /** Group versions that the API server serves, such as `policy/v1`. */
  groupVersions: ReadonlySet<string>;
  /** Of the API server's version: 20 of 1.20. */
  minorVersion: number;
  /** For how long a name may still resolve to a pod that is gone: what the cluster's name service lets caches keep. */
  nameTtlSeconds: number;
}
