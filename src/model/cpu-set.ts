/**
 * CPUs for what a service runs outside of the containers that run it, such as servers: no limit of a container holds
 * these, so that they are kept apart from those of processes by what cloud.yaml says of both.
 */
export interface CpuSet {
  /** The setting that says which. */
  path: readonly string[];
  /** In the list format of cpuset(7); undefined where it may be any. */
  cpus: string | undefined;
  /** Who runs on them, in words. */
  whose: string;
  /** The nodes that they are of have an instance of this process. */
  process: string;
}
