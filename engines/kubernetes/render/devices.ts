import { GantryError } from '../../../src/errors.ts';
import type { Device, Workload } from '../../../src/model/workload.ts';
import type { Mounted } from './mounted.ts';

/** Where a container that may have devices of the node sees the node's /dev. */
export const NODE_DEVICES = '/mnt/node-dev';

/**
 * Kubernetes passes no devices without a plugin or full privileges, but two ways are open. A container's device rules
 * allow /dev/net/tun from the beginning (https://github.com/opencontainers/runc/pull/4555: all versions of runc but
 * 1.2.0 to 1.2.3; crun as well), so mounting it is enough. And rules belong to cgroups: what leaves the container's own
 * (hostCgroup) is free of them, and may open whatever device the node has.
 */
export function deviceVolumes(workload: Workload): Mounted[] {
  const mounted: Mounted[] = [];
  if (needed(workload).includes('tun')) {
    mounted.push({
      volume: { name: 'tun', hostPath: { path: '/dev/net/tun', type: 'CharDevice' } },
      mount: { name: 'tun', mountPath: '/dev/net/tun' },
    });
  }
  if (optionalDevices(workload).length > 0) {
    mounted.push({
      volume: { name: 'node-devices', hostPath: { path: '/dev', type: 'Directory' } },
      mount: { name: 'node-devices', mountPath: NODE_DEVICES, readOnly: true },
    });
  }
  return mounted;
}

/** Devices that are given where a node has them, known only there. Throws where there is no way to give one. */
export function optionalDevices(workload: Workload): Device[] {
  const impossible = needed(workload).find((device) => device !== 'tun');
  if (impossible !== undefined) {
    throw new GantryError({
      code: 'process.no-device',
      whose: 'bug',
      message: `${workload.name} cannot have the device ${impossible} on Kubernetes`,
      why: 'Device rules allow it to nobody; only an optional device of a process with hostCgroup can be given.',
    });
  }
  if (!workload.needs.hostCgroup) return [];
  return (workload.needs.devices ?? []).filter(({ optional }) => optional).map(({ device }) => device);
}

function needed({ needs }: Workload): Device[] {
  return (needs.devices ?? []).filter(({ optional }) => !optional).map(({ device }) => device);
}
