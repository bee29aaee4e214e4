import { overlaps } from '../../src/model/cidr.ts';
import { formatCpuList, parseCpuList } from '../../src/model/cpu-list.ts';
import type { CpuSet } from '../../src/model/cpu-set.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Capability, Resources } from '../../src/model/workload.ts';
import type { MachineFacts, Route } from './machine.ts';

/** Bits of capabilities(7). */
const capabilityBits: Record<Capability, number> = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  DAC_READ_SEARCH: 2,
  FOWNER: 3,
  FSETID: 4,
  KILL: 5,
  SETGID: 6,
  SETUID: 7,
  SETPCAP: 8,
  NET_BIND_SERVICE: 10,
  NET_BROADCAST: 11,
  NET_ADMIN: 12,
  NET_RAW: 13,
  IPC_LOCK: 14,
  SYS_MODULE: 16,
  SYS_RAWIO: 17,
  SYS_CHROOT: 18,
  SYS_PTRACE: 19,
  SYS_ADMIN: 21,
  SYS_NICE: 23,
  MKNOD: 27,
  AUDIT_WRITE: 29,
  SETFCAP: 31,
};

/** A cloud with a demo server uses about 2.5 GiB. */
const MEMORY_NEEDED = 2560;
const MEMORY_WANTED = 4096;
/** All images take 1.8 GiB; guest images, disks and databases come on top. */
const DISK_NEEDED = 4096;
const DISK_WANTED = 10_240;

export function checkCapabilities(available: bigint, needed: Iterable<Capability>): Finding {
  const missing = [...new Set(needed)]
    .filter((capability) => ((available >> BigInt(capabilityBits[capability])) & 1n) === 0n)
    .sort();
  if (missing.length === 0) {
    return { check: 'capabilities', level: 'ok', message: 'all that the containers ask for are available' };
  }
  return {
    check: 'capabilities',
    level: 'error',
    message: `this machine does not have ${missing.join(', ')}`,
    next: 'Run on a machine or in a virtual machine of your own: a container or sandbox around the engine withholds them.',
  };
}

/** Whether oslo.config takes a machine's host name for an address (HostAddress), for processes that end where it does not. */
export function checkHostName(name: string): Finding {
  const check = 'host name';
  const parts = name.split('.');
  const wrong = parts.find((part) => !/^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/.test(part));
  const why =
    wrong !== undefined
      ? `its part "${wrong}" is not 1 to 63 letters, digits and hyphens between those`
      : /^\d+$/.test(parts.at(-1) ?? '')
        ? 'what follows its last dot is a number'
        : undefined;
  if (why === undefined) return { check, level: 'ok', message: name };
  return {
    check,
    level: 'error',
    message: `OpenStack's processes do not start on a machine called ${name}: ${why}`,
    next: 'Give the machine another name (`hostnamectl set-hostname NAME`) and restart the engine.',
  };
}

/** `ownInterfaces` are bridges of this cloud, whose routes are no collision. */
export function checkRanges(
  ranges: readonly { name: string; subnet: string }[],
  routes: readonly Route[],
  ownInterfaces: ReadonlySet<string>,
): Finding[] {
  return ranges.map(({ name, subnet }): Finding => {
    const check = `range: ${name}`;
    const route = routes.find(
      ({ destination, interface: device }) =>
        !destination.endsWith('/0') && !ownInterfaces.has(device) && overlaps(destination, subnet),
    );
    if (!route) return { check, level: 'ok', message: subnet };
    return {
      check,
      level: 'error',
      message: `${subnet} collides with this machine's route to ${route.destination} by ${route.interface}`,
      next: `Choose another range under \`network:\` in cloud.yaml.`,
    };
  });
}

/** With `running` the cloud already uses what it needs. */
export function checkMemory(availableMiB: number, running: boolean): Finding {
  const message = `${inGiB(availableMiB)} GiB available`;
  if (running || availableMiB >= MEMORY_WANTED) return { check: 'memory', level: 'ok', message };
  return {
    check: 'memory',
    level: availableMiB < MEMORY_NEEDED ? 'error' : 'warning',
    message: `${message}; a cloud takes ${inGiB(MEMORY_NEEDED)} GiB, and its servers theirs on top`,
    next: 'Stop what uses memory, switch services off in cloud.yaml, or take a larger machine.',
  };
}

/** The engine refuses to make a container with more processors than there are. */
export function checkProcessors(
  workloads: readonly { name: string; resources: Resources }[],
  processors: number,
): Finding[] {
  return workloads.flatMap(({ name, resources: { cpus = 0 } }) =>
    cpus <= processors
      ? []
      : [
          {
            check: 'resources',
            level: 'error' as const,
            message: `resources.${name}.cpus is ${cpus}, and the engine has ${processors}`,
            next: 'Set it to no more than that in cloud.yaml.',
          },
        ],
  );
}

/** CPUs and NUMA nodes that containers, and what runs outside of them, are kept on, by what the machine has of them. */
export function checkCpusets(
  workloads: readonly { name: string; resources: Resources }[],
  sets: readonly Pick<CpuSet, 'path' | 'cpus'>[],
  machine: Pick<MachineFacts, 'cpus' | 'numaNodes'>,
): Finding[] {
  const kinds = [
    { key: 'cpuset', present: machine.cpus, what: 'CPUs' },
    { key: 'numaNodes', present: machine.numaNodes, what: 'NUMA nodes' },
  ] as const;
  const lists = [
    ...kinds.flatMap(({ key, ...kind }) =>
      [...groupBy(workloads, key)].map(([list, [name, ...more]]) => ({
        setting: more.length === 0 ? `resources.${name}.${key}` : `${key} of ${name} and ${more.length} more`,
        list,
        ...kind,
      })),
    ),
    ...sets.map(({ path, cpus }) => ({ setting: path.join('.'), list: cpus, ...kinds[0] })),
  ];
  return lists.flatMap(({ setting, list, present, what }): Finding[] => {
    const absent = parseCpuList(list ?? '')?.filter((number) => !present?.includes(number)) ?? [];
    if (present === undefined || absent.length === 0) return [];
    return [
      {
        check: 'resources',
        level: 'error',
        message: `${setting} has ${formatCpuList(absent)}; the ${what} of this machine are ${formatCpuList(present)}`,
        next: 'Set it to some of those in cloud.yaml.',
      },
    ];
  });
}

/** Names by the list that they are kept on: what is said of all others is wrong once. */
function groupBy(
  workloads: readonly { name: string; resources: Resources }[],
  key: 'cpuset' | 'numaNodes',
): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { name, resources } of workloads) {
    const list = resources[key];
    if (list !== undefined) groups.set(list, [...(groups.get(list) ?? []), name]);
  }
  return groups;
}

/** Of what is kept from servers, something must be left. */
export function checkReserved(reservedMiB: number, totalMiB: number): Finding[] {
  if (reservedMiB < totalMiB) return [];
  return [
    {
      check: 'reserved memory',
      level: 'error',
      message: `compute.reservedMemory is ${inGiB(reservedMiB)} GiB, and the machine has ${inGiB(totalMiB)} GiB: servers would get none`,
      next: 'Set it to less in cloud.yaml.',
    },
  ];
}

export function checkDisk(freeMiB: number | undefined, dataRoot: string, running: boolean): Finding {
  if (freeMiB === undefined) {
    return {
      check: 'disk',
      level: 'warning',
      message: `the free space of ${dataRoot} cannot be seen from here`,
    };
  }
  const message = `${inGiB(freeMiB)} GiB free at ${dataRoot}`;
  const needed = running ? DISK_NEEDED / 4 : DISK_NEEDED;
  if (freeMiB >= (running ? needed : DISK_WANTED)) return { check: 'disk', level: 'ok', message };
  return {
    check: 'disk',
    level: freeMiB < needed ? 'error' : 'warning',
    message: `${message}; images and data take ${inGiB(DISK_NEEDED)} GiB and more`,
    next: 'Free some space, or move the data of the engine (`data-root` in /etc/docker/daemon.json).',
  };
}

/** Tokens and certificates depend on a clock that is right. `now` in milliseconds since the epoch. */
export function checkClock(now: number, facts: Pick<MachineFacts, 'clockSynchronized'>): Finding {
  const date = new Date(now).toISOString().slice(0, 10);
  // OpenStack 2025.1 came out in April 2025: an earlier clock is wrong for certain.
  if (now < Date.UTC(2025, 3, 1)) {
    return {
      check: 'clock',
      level: 'error',
      message: `the clock says ${date}, which is in the past`,
      next: 'Set the clock; tokens and certificates would not be valid.',
    };
  }
  if (facts.clockSynchronized === false) {
    return {
      check: 'clock',
      level: 'warning',
      message: `${date}; nothing sets the clock of this machine`,
      next: 'Install systemd-timesyncd or chrony.',
    };
  }
  return { check: 'clock', level: 'ok', message: date };
}

function inGiB(mebibytes: number): string {
  return (mebibytes / 1024).toFixed(1);
}
