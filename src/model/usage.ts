/** What an instance uses now; what is not known of it is undefined. */
export interface InstanceUsage {
  /** Without files that the kernel keeps in memory and would give back, as `docker stats` counts. */
  memoryMiB: number | undefined;
  /** CPUs that it kept busy, on average since the engine last looked. */
  cpus: number | undefined;
}

export interface Usage {
  /** By ObservedInstance.id. */
  instances: ReadonlyMap<string, InstanceUsage>;
  /** Why there is nothing of some instances, in words. */
  unknown: string[];
}
