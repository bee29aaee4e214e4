import type { SettingsFinding } from '../../src/model/settings/settings.ts';
import { parseQuantity } from '../../src/model/settings/units.ts';
import type { VolumeDevice } from '../../src/model/workload.ts';

/** Volumes that stand for the devices of a service, `NAME-1` and on; `size` is a quantity, of each. */
export function volumeDevices({
  name,
  count,
  size,
  directories,
}: {
  name: string;
  count: number;
  size: string;
  directories: readonly string[];
}): VolumeDevice[] {
  const sizeGiB = Math.ceil((parseQuantity(size) ?? 0) / 1024 ** 3);
  return Array.from({ length: count }, (_, index) => ({
    volume: `${name}-${index + 1}`,
    sizeGiB,
    ...(directories[index] === undefined ? {} : { directory: directories[index] }),
  }));
}

/** What a key of `storage.SECTION` says of each volume in their order, if anything, it says of all of them. */
export function checkOfEach(
  section: string,
  key: string,
  { length }: readonly unknown[],
  volumes: number,
): SettingsFinding[] {
  if (length === 0 || length === volumes) return [];
  return [
    {
      path: ['storage', section, key],
      level: 'error',
      message: `names ${length} ${key} for ${volumes} volumes`,
      next: `Name one for each, or set storage.${section}.volumes to ${length}.`,
    },
  ];
}
