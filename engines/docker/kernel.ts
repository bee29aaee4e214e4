import type { Finding } from '../../src/model/finding.ts';
import {
  type Device,
  isBlockDevice,
  type KernelModule,
  type KernelNeed,
  type Workload,
} from '../../src/model/workload.ts';

/** Whether the kernel has a module. */
export type HasModule = (module: KernelModule) => boolean;

/** What the engine's own networks are made of. */
const engineNeeds: readonly KernelNeed[] = [
  { modules: [{ name: 'bridge' }] },
  { modules: [{ name: 'veth' }] },
];
const packetFilters: readonly KernelModule[] = [
  { name: 'nf_tables' },
  { name: 'ip_tables', option: 'IP_NF_IPTABLES' },
];
/** Whose the character devices are. */
const deviceModules: Readonly<Record<Device, KernelModule>> = {
  tun: { name: 'tun' },
  kvm: { name: 'kvm' },
  'vhost-net': { name: 'vhost_net' },
  fuse: { name: 'fuse', option: 'FUSE_FS' },
};

/** What mounts exports of NFS, as the options of such a volume ask for it. */
const exportNeed: KernelNeed = {
  purpose: 'NFS',
  modules: [{ name: 'nfsv4', option: 'NFS_V4', choice: 'exports are mounted by version 4.1' }],
};

/** What the engine and the workloads need of the kernel; what several need is told of once. Pure. */
export function checkKernel(
  has: HasModule,
  workloads: readonly Pick<Workload, 'needs' | 'volumes'>[],
): Finding[] {
  const devices = workloads.flatMap(deviceNeeds);
  const exports = workloads.some(({ volumes }) => volumes.some((one) => one.export !== undefined));
  const others = [...workloads.flatMap(({ needs }) => needs.kernel ?? []), ...(exports ? [exportNeed] : [])];
  const findings = [
    ...[...engineNeeds, ...devices].map((need) => checkNeed(need, has)),
    checkPacketFilter(has),
    ...others.map((need) => checkNeed(need, has)),
  ];
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** A container that must have a device is not made where the kernel has nothing behind it. */
function deviceNeeds({ needs }: Pick<Workload, 'needs'>): KernelNeed[] {
  return (needs.devices ?? []).flatMap((one) =>
    isBlockDevice(one) || one.optional ? [] : [{ modules: [deviceModules[one.device]] }],
  );
}

function checkPacketFilter(has: HasModule): Finding {
  const check = 'kernel: packet filter';
  const found = packetFilters.filter(has).map(({ name }) => name);
  if (found.length > 0) return { check, level: 'ok', message: found.join(', ') };
  return {
    check,
    level: 'error',
    message: 'this kernel has neither nf_tables nor ip_tables',
    next: 'Install the modules of the kernel; the engine needs them for its networks.',
  };
}

function checkNeed({ purpose, modules, otherwise, onlyWith }: KernelNeed, has: HasModule): Finding {
  const names = modules.map(({ name }) => name);
  const check = `kernel: ${purpose ?? names.join(', ')}`;
  const needed = onlyWith === undefined || has(onlyWith);
  const found = needed ? modules.find(has) : modules[0];
  if (found) {
    const better = names.slice(0, modules.indexOf(found));
    const available =
      better.length > 0
        ? `this kernel has ${found.name}, not ${better.join(' or ')}`
        : purpose === undefined
          ? 'available'
          : `${found.name} is available`;
    const { choice } = found;
    const message = needed ? available : onlyWith.otherwise;
    return { check, level: 'ok', message, ...(choice === undefined ? {} : { choice }) };
  }
  const message =
    purpose === undefined ? 'this kernel does not have it' : `this kernel has no ${names.join(' and no ')}`;
  if (otherwise !== undefined) return { check, level: 'ok', message, choice: otherwise };
  const next =
    purpose === undefined
      ? `Install the kernel's modules (\`modprobe ${names.join(' ')}\` must succeed).`
      : 'Install the modules of the kernel.';
  return { check, level: 'error', message, next };
}
