import { z } from 'zod';
import type { DeclareContext } from '../../src/model/context.ts';
import { integer, quantity, section } from '../../src/model/settings/fields.ts';
import type { SettingsFinding, SettingsOf } from '../../src/model/settings/settings.ts';
import { parseQuantity } from '../../src/model/settings/units.ts';
import type { VolumeDevice } from '../../src/model/workload.ts';

export const settings = {
  storage: section({
    swift: section({
      volumes: integer(1, 64)
        .default(3)
        .describe('Volumes that objects are kept on, each with a process of its own.'),
      size: quantity('1Gi')
        .default('20Gi')
        .describe('Size of each of these volumes, where an engine must be asked for one: on Kubernetes.'),
      replicas: integer(1, 3)
        .optional()
        .describe(
          'Copies of each object, on different volumes. The default is 3, or as many as there are volumes.',
        ),
      drain: z
        .array(integer(1, 64))
        .default([])
        .describe(
          'Numbers of volumes that are to be emptied, such as [4]: before fewer volumes are asked for, or where a disk is to be replaced.',
        ),
      encryption: z
        .boolean()
        .default(false)
        .describe(
          'What is stored from now on is encrypted, by a key that Gantry makes. What is there stays readable.',
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

type Context = Pick<DeclareContext<SwiftSettings>, 'settings'>;

export function devicesOf({ settings: { storage } }: Context): VolumeDevice[] {
  return Array.from({ length: storage.swift.volumes }, (_, index) => ({
    volume: `swift-storage-${index + 1}`,
    sizeGiB: Math.ceil((parseQuantity(storage.swift.size) ?? 0) / 1024 ** 3),
  }));
}

/** Whether the volume of this index is to be emptied. */
export function isDrained({ settings: { storage } }: Context, index: number): boolean {
  return storage.swift.drain.includes(index + 1);
}

export function replicasOf({ settings: { storage } }: Context): number {
  return storage.swift.replicas ?? Math.min(3, storage.swift.volumes);
}

export function checkSettings(settings: SwiftSettings): SettingsFinding[] {
  const { volumes, drain } = settings.storage.swift;
  const replicas = replicasOf({ settings });
  const path = (key: string) => ['storage', 'swift', key];
  if (replicas > volumes) {
    return [
      {
        path: path('replicas'),
        level: 'error',
        message: `wants ${replicas} copies on different volumes, of which there are ${volumes}`,
        next: `Set storage.swift.volumes to ${replicas} or more, or fewer replicas.`,
      },
    ];
  }
  const strange = drain.find((number, index) => number > volumes || drain.indexOf(number) !== index);
  if (strange !== undefined) {
    const message =
      strange > volumes ? `names volume ${strange} of ${volumes}` : `names volume ${strange} twice`;
    const next = `Name volumes by their numbers, from 1 to ${volumes}, each once.`;
    return [{ path: path('drain'), level: 'error', message, next }];
  }
  const left = volumes - drain.length;
  if (left >= replicas) return [];
  return [
    {
      path: path('drain'),
      level: 'error',
      message: `leaves ${left} volumes for ${replicas} copies`,
      next: 'Ask for more volumes first, or for fewer storage.swift.replicas.',
    },
  ];
}
