import { createHash } from 'node:crypto';
import { isVolumeDevice, type PlacedDevice, type VolumeDevice } from './workload.ts';

/** Name of the instance of a process for one device: the same whatever others there are, and a DNS label. */
export function instanceName(process: string, device: PlacedDevice | VolumeDevice): string {
  return isVolumeDevice(device) ? device.volume : `${process}-${keyOf(device)}`;
}

/** Part of a DNS label that tells a device from all others: the end of its name, and a hash of where it is. */
function keyOf({ node, path }: PlacedDevice): string {
  const name = (path.split('/').at(-1) ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const end = name.slice(-12).replaceAll(/^-+|-+$/g, '');
  const hash = createHash('sha256')
    .update(`${node ?? ''}:${path}`)
    .digest('hex')
    .slice(0, 6);
  return `${end}-${hash}`;
}
