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

export function replicasOf({ settings: { storage } }: Context): number {
  return storage.swift.replicas ?? Math.min(3, storage.swift.volumes);
}

export function checkSettings(settings: SwiftSettings): SettingsFinding[] {
  const { volumes, replicas } = settings.storage.swift;
  if (replicas === undefined || replicas <= volumes) return [];
  return [
    {
      path: ['storage', 'swift', 'replicas'],
      level: 'error',
      message: `wants ${replicas} copies on different volumes, of which there are ${volumes}`,
      next: `Set storage.swift.volumes to ${replicas} or more, or fewer replicas.`,
    },
  ];
}
