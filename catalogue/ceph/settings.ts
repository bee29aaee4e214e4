import { z } from 'zod';
import type { DeclareContext } from '../../src/model/context.ts';
import { directories, integer, quantity, section } from '../../src/model/settings/fields.ts';
import { outside, type SettingsOf } from '../../src/model/settings/settings.ts';
import { parseQuantity } from '../../src/model/settings/units.ts';
import type { VolumeDevice } from '../../src/model/workload.ts';

export const settings = {
  storage: section({
    ceph: section({
      volumes: integer(1, 64)
        .default(1)
        .describe('Volumes that blocks are kept on, each with a process of its own (an OSD).'),
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
          'Copies of each block, on different volumes. The default is 3, or as many as there are volumes.',
        ),
      memory: quantity('896Mi')
        .default('1Gi')
        .describe('Memory that each OSD keeps within, as far as what it does lets it.'),
      drain: z
        .array(integer(1, 64))
        .default([])
        .describe(
          'Numbers of volumes that are to be emptied, such as [4]: before fewer volumes are asked for, or where a disk is to be replaced.',
        ),
    }).describe('Pools of block devices.'),
  }).describe('Where data of users is kept.'),
};

export type CephSettings = SettingsOf<typeof settings>;

type Context = Pick<DeclareContext<CephSettings>, 'settings'>;

export function devicesOf({ settings: { storage } }: Context): VolumeDevice[] {
  const { volumes, directories } = storage.ceph;
  return Array.from({ length: volumes }, (_, index) => ({
    volume: `ceph-osd-${index + 1}`,
    sizeGiB: Math.ceil(bytesOf({ settings: { storage } }) / 1024 ** 3),
    ...(directories[index] === undefined ? {} : { directory: directories[index] }),
  }));
}

/** Whether the volume of this index is to be emptied. */
export function isDrained({ settings: { storage } }: Context, index: number): boolean {
  return storage.ceph.drain.includes(index + 1);
}

/** Bytes of each OSD. */
export function bytesOf({ settings: { storage } }: Context): number {
  return parseQuantity(storage.ceph.size) ?? 0;
}

export function replicasOf({ settings: { storage } }: Context): number {
  return storage.ceph.replicas ?? Math.min(3, storage.ceph.volumes);
}
