import type { CloudConfig } from '../config/schema.ts';
import { normalCpuList } from '../model/cpu-list.ts';
import { mebibytes } from '../model/settings/units.ts';
import type { Resources } from '../model/workload.ts';

/** What cloud.yaml limits the containers of this name to: of a process, a job, or one instance of those of devices. */
export function limitsOf({ resources }: Pick<CloudConfig, 'resources'>, name: string): Resources {
  const given = resources[name];
  return {
    ...(given?.memory ? { memoryMiB: mebibytes(given.memory) } : {}),
    ...(given?.cpus ? { cpus: given.cpus } : {}),
    ...(given?.cpuset ? { cpuset: normalCpuList(given.cpuset) } : {}),
    ...(given?.numaNodes ? { numaNodes: normalCpuList(given.numaNodes) } : {}),
    ...(given?.guaranteed ? { guaranteed: true } : {}),
  };
}
