import { GantryError } from '../../../src/errors.ts';
import {
  type BlockDevice,
  blockDevicesOf,
  type Device,
  isBlockDevice,
  type Workload,
} from '../../../src/model/workload.ts';
import type { V1Container } from '../api/library.ts';
import type { Mounted } from './mounted.ts';
import { imageOf, type RenderInput } from './object.ts';

/** Where a container that may have devices of the node sees the node's /dev. */
export const NODE_DEVICES = '/mnt/node-dev';

/**
 * Kubernetes passes no devices without a plugin or full privileges, but two ways are open. A container's device rules
 * allow /dev/net/tun from the beginning (https://github.com/opencontainers/runc/pull/4555: all versions of runc but
 * 1.2.0 to 1.2.3; crun as well), so mounting it is enough. And rules belong to cgroups: what leaves the container's own
 * (hostCgroup) is free of them, and may open whatever device the node has. For block devices there is neither: whoever
 * has one has full privileges (see security.ts), and with these all devices of the node. Nobody is given full privileges
 * for what can be done without: see withheldDevices.
 */
export function deviceVolumes(workload: Workload): Mounted[] {
  const mounted: Mounted[] = [];
  if (needed(workload).includes('tun')) {
    mounted.push({
      volume: { name: 'tun', hostPath: { path: '/dev/net/tun', type: 'CharDevice' } },
      mount: { name: 'tun', mountPath: '/dev/net/tun' },
    });
  }
  for (const [index, { block, path = block }] of neededBlocks(workload).entries()) {
    const name = `block-${index}`;
    mounted.push({
      volume: { name, hostPath: { path: block, type: 'BlockDevice' } },
      mount: { name, mountPath: path },
    });
  }
  if (optionalDevices(workload).length > 0 || optionalBlocks(workload).length > 0) {
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
  return optionalCharacters(workload).filter((device) => isGiven(workload, device));
}

/** Optional devices that it has on no node. */
export function withheldDevices(workload: Workload): Device[] {
  if (blockDevicesOf(workload).length > 0) return [];
  return optionalCharacters(workload).filter((device) => !isGiven(workload, device));
}

/** The node's /dev/net/tun is mounted, which takes that it is there. */
function isGiven({ needs }: Workload, device: Device): boolean {
  return Boolean(needs.hostCgroup) && device !== 'tun';
}

function optionalCharacters({ needs }: Workload): Device[] {
  return (needs.devices ?? []).flatMap((one) => (one.optional && !isBlockDevice(one) ? [one.device] : []));
}

/** Commands that give the container optional block devices where the node has them; root's, as the node's are. */
export function takeOptionalBlocks(workload: Workload): string[] {
  return optionalBlocks(workload).map(({ block, path = block }) => {
    const there = `'${onNode(block)}'`;
    return `if [ -b ${there} ]; then mkdir -p "$(dirname '${path}')"; cp -aL ${there} '${path}'; fi`;
  });
}

/** Nothing of the cluster knows what is on a node's disks: who is to write to one looks first. Low-level probing reads it. */
const checkContent = `while [ $# -gt 0 ]; do
  device=$1 content=$2; shift 2
  [ -b "$device" ] || continue
  found=0
  values=$(blkid --probe --match-tag TYPE --match-tag PTTYPE --output value "$device") || found=$?
  if [ $found -eq 8 ]; then echo "$device has signatures of several kinds: clear it with wipefs" >&2; exit 1; fi
  if [ $found -ne 0 ] && [ $found -ne 2 ]; then echo "$device cannot be read" >&2; exit 1; fi
  for value in $values; do
    case " $content " in *" $value "*) ;; *)
      echo "$device has $value on it, and would be written to: name another device, or clear it with wipefs" >&2
      exit 1 ;;
    esac
  done
done`;

/** Ends the pod's start where a block device holds something of anybody else; undefined where there is none. */
export function renderDeviceCheck(
  input: RenderInput,
  workload: Workload,
  resources: V1Container['resources'] & object,
): V1Container | undefined {
  const blocks = blockDevicesOf(workload);
  if (blocks.length === 0) return undefined;
  const seen = ({ block, path = block, optional }: BlockDevice) => (optional ? onNode(block) : path);
  return {
    name: 'check-devices',
    image: imageOf(input, workload),
    imagePullPolicy: 'IfNotPresent',
    args: [
      'bash',
      '-euc',
      checkContent,
      'check-devices',
      ...blocks.flatMap((one) => [seen(one), (one.content ?? []).join(' ')]),
    ],
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      readOnlyRootFilesystem: true,
      privileged: true,
    },
    resources,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: deviceVolumes(workload)
      .map(({ mount }) => mount)
      .filter(({ name }) => name !== 'tun'),
  };
}

/** Where a device of the node is in NODE_DEVICES. */
function onNode(block: string): string {
  return block.replace(/^\/dev/, NODE_DEVICES);
}

function needed({ needs }: Workload): Device[] {
  return (needs.devices ?? []).flatMap((one) => (one.optional || isBlockDevice(one) ? [] : [one.device]));
}

function neededBlocks(workload: Workload): BlockDevice[] {
  return blockDevicesOf(workload).filter(({ optional }) => !optional);
}

/** Taking one on the node takes root. */
function optionalBlocks(workload: Workload): BlockDevice[] {
  const blocks = blockDevicesOf(workload).filter(({ optional }) => optional);
  if (blocks.length > 0 && !/^0(:|$)/.test(workload.user)) {
    throw new GantryError({
      code: 'process.no-device',
      whose: 'bug',
      message: `${workload.name} cannot have an optional block device on Kubernetes`,
      why: 'It is found out on the node whether there is one, and only root can take it then.',
    });
  }
  return blocks;
}
