import type { CloudConfig } from '../config/schema.ts';
import { formatCpuList, parseCpuList } from '../model/cpu-list.ts';
import type { CpuSet } from '../model/cpu-set.ts';
import type { ServiceDefinition } from '../model/service.ts';
import type { SettingsFinding } from '../model/settings/settings.ts';
import { settingsOf } from './settings.ts';

/** CPUs that services give to what they run outside of containers. */
export function cpuSetsOf(services: readonly ServiceDefinition[], config: CloudConfig): CpuSet[] {
  return services.flatMap((service) => service.cpuSets?.(settingsOf(service, config)) ?? []);
}

/** Nobody else has those CPUs: neither what another setting says them for, nor a process that is kept on its own. */
export function checkCpuSets(
  sets: readonly CpuSet[],
  { resources }: Pick<CloudConfig, 'resources'>,
): SettingsFinding[] {
  const kept = Object.entries(resources).map(([name, { cpuset }]) => ({
    path: ['resources', name, 'cpuset'],
    cpus: cpuset,
  }));
  return sets.flatMap((set, index) =>
    [...sets.slice(0, index), ...kept].flatMap((other): SettingsFinding[] => {
      const common = commonCpus(set.cpus, other.cpus);
      if (common.length === 0) return [];
      const [cpus, are, them] = common.length === 1 ? ['CPU', 'is', 'it'] : ['CPUs', 'are', 'them'];
      return [
        {
          path: set.path,
          beside: other.path,
          level: 'error',
          message: `has ${cpus} ${formatCpuList(common)}, which ${are} in ${other.path.join('.')}`,
          next: `Take ${them} out of one of the two: what is in ${set.path.join('.')} is for ${set.whose} alone.`,
        },
      ];
    }),
  );
}

function commonCpus(one: string | undefined, other: string | undefined): number[] {
  const others = new Set(parseCpuList(other ?? ''));
  return (parseCpuList(one ?? '') ?? []).filter((cpu) => others.has(cpu));
}
