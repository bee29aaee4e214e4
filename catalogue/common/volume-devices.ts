import type { SettingsFinding } from '../../src/model/settings/settings.ts';
import type { VolumeDevice } from '../../src/model/workload.ts';

/** Volumes that stand for the devices of a service, `NAME-1` and on, with room for so many bytes each. */
export function volumeDevices({
  name,
  count,
  bytes,
  directories,
}: {
  name: string;
  count: number;
  bytes: number;
  directories: readonly string[];
}): VolumeDevice[] {
  const sizeGiB = Math.ceil(bytes / 1024 ** 3);
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
