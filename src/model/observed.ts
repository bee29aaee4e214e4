import type { NodeRole } from './node-role.ts';
import type { Resources } from './workload.ts';

export type InstanceState = 'created' | 'running' | 'restarting' | 'exited';
export type Health = 'healthy' | 'starting' | 'unhealthy' | 'none';

/** One container of a process or job, as the engine sees it. */
export interface ObservedInstance {
  /** The engine's own identifier. */
  id: string;
  kind: 'process' | 'job';
  workload: string;
  service: string;
  ordinal: number;
  /** Where it is, on engines with several nodes; undefined while that is not decided. */
  node?: string | undefined;
  /** Hashes as they were when it was made; see `identityOf` in src/plan. */
  identity: string;
  image: string;
  settings: string;
  /** What it is limited to and kept on, where the engine tells. */
  resources?: Resources;
  /** As the process had them; see Process.surroundings. */
  surroundings?: Record<string, string>;
  /** Rendered files by path, present only where a hash differs from what is wanted: for saying what changed. */
  files: Record<string, string>;
  /** Hash of every file by path. */
  fileHashes: Record<string, string>;
  state: InstanceState;
  /** It is being stopped, on an engine that can do so while another one has taken its place already. */
  leaving?: boolean;
  health: Health;
  /** ISO 8601, in UTC; of the last start. */
  startedAt: string | undefined;
  exitCode: number | undefined;
  /** Why it is not healthy: the last health check's output, or how it exited. */
  detail: string | undefined;
}

/** A snapshot of all that an engine holds for one cloud. */
export interface Observed {
  /** References of the images present. */
  images: string[];
  networks: { name: string; subnet: string; nat?: boolean }[];
  volumes: string[];
  instances: ObservedInstance[];
  /** Job and task names to content hash; undefined where the ledger's process does not answer. */
  ledger: Record<string, string> | undefined;
}

/** A node, on engines with several. */
export interface ObservedNode {
  name: string;
  roles: NodeRole[];
  ready: boolean;
  /** No node of the cluster has a role yet, and these are what it would get. */
  unlabelled: boolean;
}
