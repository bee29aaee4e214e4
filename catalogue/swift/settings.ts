import { z } from 'zod';
import type { DeclareContext } from '../../src/model/context.ts';
import {
  byName,
  directories,
  integer,
  quantity,
  section,
  switchOr,
  word,
} from '../../src/model/settings/fields.ts';
import { outside, type SettingsOf } from '../../src/model/settings/settings.ts';
import { parseQuantity } from '../../src/model/settings/units.ts';
import type { VolumeDevice } from '../../src/model/workload.ts';
import { volumeDevices } from '../common/volume-devices.ts';

/** Of objects in containers that name none, unless `defaultPolicy` says otherwise; and of all that was there before others. */
export const REPLICATED = 'replicated';

const policy = section({
  index: integer(1, 31).describe(
    'Number by which Swift keeps the objects of this policy. It stays as it was first, and no other policy has it.',
  ),
  replicas: integer(1, 3).optional().describe('Copies of each object, on different volumes.'),
  erasureCoding: word(
    /^([2-9]|1[0-9])\+[1-9]$/,
    'must be the numbers of fragments with data and with parity, such as 2+1',
  )
    .optional()
    .describe(
      'In place of copies: fragments with data and with parity, such as `2+1`. All but as many as those with parity give the object. It stays as it was first.',
    ),
});

export const settings = {
  storage: section({
    swift: section({
      volumes: integer(1, 64)
        .default(3)
        .describe('Volumes that objects are kept on, each with a process of its own.'),
      directories: outside(
        directories().describe(
          "Directories of this machine that the volumes are made of, in their order, in place of Docker Engine's own: each on a disk of its own, empty at first, on a file system with extended attributes such as XFS or ext4.",
        ),
        { names: 'directories of the machine', checks: [{ when: 'up', by: 'directory' }] },
      ),
      zones: z
        .array(integer(1, 1000))
        .default([])
        .describe(
          'The zone of each volume, in their order, such as [1, 1, 2, 2]: volumes of one zone fail together, as those of one controller or power supply do. No two copies of an object are in one zone.',
        ),
      regions: z
        .array(integer(1, 1000))
        .default([])
        .describe('The region of each volume, in their order: what several zones have in common.'),
      size: quantity('1Gi')
        .default('20Gi')
        .describe('Size of each of these volumes, where an engine must be asked for one: on Kubernetes.'),
      replicas: integer(1, 3)
        .optional()
        .describe(
          'Copies of each object, on different volumes. The default is 3, or as many as there are volumes.',
        ),
      policies: byName(policy)
        .describe(
          `Storage policies by name, beside \`${REPLICATED}\`, which is what \`replicas\` says. A container has one of them from its beginning.`,
        )
        .meta({ examples: [{ once: { index: 1, replicas: 1 }, coded: { index: 2, erasureCoding: '2+1' } }] }),
      defaultPolicy: z.string().default(REPLICATED).describe('Policy of new containers that name none.'),
      drain: z
        .array(integer(1, 64))
        .default([])
        .describe(
          'Numbers of volumes that are to be emptied, such as [4]: before fewer volumes are asked for, or where a disk is to be replaced.',
        ),
      encryption: switchOr('barbican')
        .default(false)
        .describe(
          'What is stored from now on is encrypted, by a key that Gantry makes, or by one that Barbican keeps. What is there stays readable.',
        ),
      events: z
        .boolean()
        .default(false)
        .describe(
          'What asks for objects and containers is told as an event where services tell of anything: of each request, also of those that only read.',
        ),
      partPower: integer(2, 22)
        .default(10)
        .describe('Base-2 logarithm of the number of partitions. It stays as it was first.'),
      minPartHours: integer(0, 168)
        .default(1)
        .describe('Hours in which one copy of a partition moves at most.'),
    }).describe('Containers of objects.'),
  }).describe('Where data of users is kept.'),
};

export type SwiftSettings = SettingsOf<typeof settings>;

export type Context = Pick<DeclareContext<SwiftSettings>, 'settings'>;

export function devicesOf({ settings: { storage } }: Context): VolumeDevice[] {
  const { volumes, directories, size } = storage.swift;
  return volumeDevices({
    name: 'swift-storage',
    count: volumes,
    bytes: parseQuantity(size) ?? 0,
    directories,
  });
}

/** Where the volume of this index is, as rings know it. */
export function placeOf({ settings: { storage } }: Context, index: number): { region: number; zone: number } {
  const { regions, zones } = storage.swift;
  return { region: regions[index] ?? 1, zone: zones[index] ?? 1 };
}

/** Whether it is said which volumes fail together. */
export function hasZones({ settings: { storage } }: Context): boolean {
  return storage.swift.zones.length + storage.swift.regions.length > 0;
}

/** How many zones the volumes are in that are not to be emptied. */
export function countZones(context: Context): number {
  const { volumes } = context.settings.storage.swift;
  const kept = Array.from({ length: volumes }, (_, index) => index).filter(
    (index) => !isDrained(context, index),
  );
  return new Set(kept.map((index) => JSON.stringify(placeOf(context, index)))).size;
}

/** Whether the volume of this index is to be emptied. */
export function isDrained({ settings: { storage } }: Context, index: number): boolean {
  return storage.swift.drain.includes(index + 1);
}

export function replicasOf({ settings: { storage } }: Context): number {
  return storage.swift.replicas ?? Math.min(3, storage.swift.volumes);
}
