import { z } from 'zod';
import type { DeclareContext } from '../../src/model/context.ts';
import { blockDevices, directories, integer, quantity, section } from '../../src/model/settings/fields.ts';
import { outside, type SettingsOf } from '../../src/model/settings/settings.ts';
import { parseQuantity } from '../../src/model/settings/units.ts';
import type { PlacedDevice, VolumeDevice } from '../../src/model/workload.ts';
import { volumeDevices } from '../common/volume-devices.ts';

export const settings = {
  storage: section({
    ceph: section({
      volumes: integer(0, 64)
        .optional()
        .describe(
          'Volumes that blocks are kept on, each with a process of its own (an OSD). The default is 1, or 0 where there are devices.',
        ),
      devices: outside(
        blockDevices().describe(
          'Whole disks that blocks are kept on, each with a process of its own as well.',
        ),
        { names: 'block devices of the machine', checks: [{ when: 'up', by: 'device' }] },
      ),
      directories: outside(
        directories().describe(
          "Directories of this machine that the volumes are made of, in their order, in place of Docker Engine's own: each on a disk of its own, empty at first.",
        ),
        { names: 'directories of the machine', checks: [{ when: 'up', by: 'directory' }] },
      ),
      size: quantity('5Gi')
        .default('20Gi')
        .describe(
          'Size of each of these volumes. Its file is sparse: it takes what is written to it. It grows, and never shrinks.',
        ),
      replicas: integer(1, 3)
        .optional()
        .describe(
          'Copies of each block, on different volumes and devices. The default is 3, or as many as there are of these.',
        ),
      memory: quantity('896Mi')
        .default('1Gi')
        .describe(
          'Memory that each OSD keeps within, as far as what it does lets it. Where `resources` limits the memory of one, it is 80 % of that instead.',
        ),
      drain: z
        .array(
          z
            .union([integer(1, 64), z.string()], {
              error: 'must be the number of a volume, or the path of a device',
            })
            .meta({ kind: 'number of a volume, or path of a device' }),
        )
        .default([])
        .describe(
          'Numbers of volumes and paths of devices that are to be emptied, such as [4]: before they are left out, or where a disk is to be replaced.',
        ),
    }).describe('Pools of block devices.'),
  }).describe('Where data of users is kept.'),
};

export type CephSettings = SettingsOf<typeof settings>;

type Context = Pick<DeclareContext<CephSettings>, 'settings'>;

/** What file systems keep for themselves of what they are on: up to 7 % on ext4, with the share of root. */
const FILE_SYSTEM = 1.1;

/** Each has room for a file of `size`. */
export function volumesOf(context: Context): VolumeDevice[] {
  const { volumes, devices, directories, size } = context.settings.storage.ceph;
  const count = volumes ?? (devices.length > 0 ? 0 : 1);
  return volumeDevices({
    name: 'ceph-osd',
    count,
    bytes: FILE_SYSTEM * (parseQuantity(size) ?? 0),
    directories,
  });
}

export function devicesOf({ settings }: Context): PlacedDevice[] {
  return settings.storage.ceph.devices;
}

/** What `drain` calls everything that has an OSD, in the order of these. */
export function placesOf(context: Context): (number | string)[] {
  return [...volumesOf(context).map((_, index) => index + 1), ...devicesOf(context).map(({ path }) => path)];
}

/** Bytes of each OSD in a volume. */
export function bytesOf({ settings: { storage } }: Context): number {
  return parseQuantity(storage.ceph.size) ?? 0;
}

export function replicasOf(context: Context): number {
  return context.settings.storage.ceph.replicas ?? Math.min(3, placesOf(context).length);
}
