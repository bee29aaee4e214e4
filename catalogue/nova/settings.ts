import { z } from 'zod';
import type { CpuSet } from '../../src/model/cpu-set.ts';
import { cpuList, positiveNumber, section, size } from '../../src/model/settings/fields.ts';
import { outside, type SettingsFinding, type SettingsOf } from '../../src/model/settings/settings.ts';

const virtType = z
  .enum(['auto', 'kvm', 'qemu'])
  .default('auto')
  .describe(
    'How servers are run. `auto` is `kvm` on nodes where a tiny guest boots with it, else `qemu`; with `kvm` the others run no servers, and `up` says why.',
  );

const reservedMemory = size('1B').optional().describe('Memory of the host that servers do not get.');

const cpus = (what: string) =>
  outside(cpuList('CPUs').optional().describe(what), {
    names: 'CPUs of the machine, or of nodes',
    checks: [{ when: 'up', by: 'resources' }],
  });

export const settings = {
  compute: section({
    virtType: outside(virtType, {
      names: 'what processors and kernel can do',
      checks: [{ when: 'up', by: 'virtualisation' }],
    }),
    cpuRatio: positiveNumber(1000)
      .optional()
      .describe("Virtual CPUs per CPU of the host; Nova's own default if not given."),
    ramRatio: positiveNumber(1000)
      .optional()
      .describe("Memory of servers per memory of the host; Nova's own default if not given."),
    reservedMemory: outside(reservedMemory, {
      names: 'memory of the machine',
      checks: [{ when: 'up', by: 'reserved memory' }],
    }),
    cpuDedicatedSet: cpus(
      'CPUs that servers may have to themselves, such as `4-15`: those whose flavor says `hw:cpu_policy=dedicated`, each virtual CPU one of them. No process may have any of these as its `cpuset`.',
    ),
    cpuSharedSet: cpus(
      'CPUs that all other servers run on. Where neither is given these run on any CPU; where only `cpuDedicatedSet` is, there is no place for them.',
    ),
    disks: z
      .enum(['local', 'ceph'])
      .default('local')
      .describe(
        "Where servers' own disks are: `local` on the node that they run on, `ceph` in a pool of the service of that name.",
      ),
  }).describe('The compute service.'),
};

export type NovaSettings = SettingsOf<typeof settings>;

/** Servers are outside of all containers: no limit of one holds them. */
export function cpuSets({ compute: { cpuDedicatedSet, cpuSharedSet } }: NovaSettings): CpuSet[] {
  const process = 'nova-compute';
  const shared = { path: ['compute', 'cpuSharedSet'], cpus: cpuSharedSet, process };
  if (cpuDedicatedSet === undefined) return [{ ...shared, whose: 'servers' }];
  const path = ['compute', 'cpuDedicatedSet'];
  return [
    { path, cpus: cpuDedicatedSet, process, whose: 'servers with CPUs to themselves' },
    ...(cpuSharedSet === undefined ? [] : [{ ...shared, whose: 'other servers' }]),
  ];
}

export function checkSettings(
  { compute }: NovaSettings,
  { isGiven }: { isGiven(offer: 'blockPool'): boolean },
): SettingsFinding[] {
  if (compute.disks === 'local' || isGiven('blockPool')) return [];
  return [
    {
      path: ['compute', 'disks'],
      level: 'error',
      message: `is ${compute.disks}, and the service ${compute.disks} is off`,
      next: `Set services.${compute.disks} to true, or say local.`,
    },
  ];
}
