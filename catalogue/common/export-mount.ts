import { createHash } from 'node:crypto';
import type { RenderContext } from '../../src/model/context.ts';
import type { VolumeExport } from '../../src/model/offers.ts';
import type { VolumeMount } from '../../src/model/workload.ts';

/**
 * An NFS export at the place below `base` where os-brick and Nova would mount it (os_brick/remotefs/remotefs.py,
 * nova/virt/libvirt/volume/fs.py): they make use of what is mounted there, and need no privileges for it.
 */
export function exportMount({ volume, export: name }: VolumeExport, base: string): VolumeMount {
  const path = `${base}/${createHash('md5').update(name).digest('hex')}`;
  return { volume, path, scope: 'shared', export: name };
}

/** Where Nova has exports of volumes, in nova-compute and where QEMU opens their files (`nfs_mount_point_base` of nova.conf). */
const NOVA_MOUNTS = '/var/lib/nova/mnt';

/** What each hypervisor has of volumes that are files. */
export function exportMounts(context: RenderContext): VolumeMount[] {
  const volumes = context.offered('blockStorage')?.exports ?? [];
  return volumes.map((one) => exportMount(one, NOVA_MOUNTS));
}
