import { instanceName } from '../../src/model/per-device.ts';
import type { CheckedCloud } from '../../src/model/service.ts';
import type { SettingsFinding } from '../../src/model/settings/settings.ts';
import { checkOfEach } from '../common/volume-devices.ts';
import { DISK, OSD } from './names.ts';
import { type CephSettings, devicesOf, placesOf, replicasOf, volumesOf } from './settings.ts';

/** Of what an OSD's container may have, the part that it is told to keep within: its peaks and the kernel take more. */
export const TARGET_PERCENT = 80;
/** Ceph takes no smaller target (osd_memory_target of 18.2.7), in MiB. */
const LEAST_TARGET = 896;

export function checkSettings(
  settings: CephSettings,
  cloud: Pick<CheckedCloud, 'hasNodes' | 'limitsOf'>,
): SettingsFinding[] {
  return [...checkPlaces(settings, cloud), ...checkMemory(settings, cloud)];
}

/** A container whose limit is below what its OSD takes would be killed whenever there is something to do. */
function checkMemory(
  settings: CephSettings,
  { limitsOf }: Pick<CheckedCloud, 'limitsOf'>,
): SettingsFinding[] {
  const least = (LEAST_TARGET * 100) / TARGET_PERCENT;
  const names = [
    OSD,
    DISK,
    ...volumesOf({ settings }).map((volume) => instanceName(OSD, volume)),
    ...devicesOf({ settings }).map((device) => instanceName(DISK, device)),
  ];
  return names
    .filter((name) => (limitsOf(name).memoryMiB ?? least) < least)
    .map((name) => ({
      path: ['resources', name, 'memory'],
      level: 'error',
      message: `is less than the ${least}MiB that an OSD needs`,
      next: `Set it to that or more: Ceph keeps within ${TARGET_PERCENT} % of it, and takes no target below ${LEAST_TARGET} MiB.`,
    }));
}

function checkPlaces(
  settings: CephSettings,
  { hasNodes }: Pick<CheckedCloud, 'hasNodes'>,
): SettingsFinding[] {
  const { devices, directories, drain } = settings.storage.ceph;
  const volumes = volumesOf({ settings }).length;
  const places = placesOf({ settings });
  const replicas = replicasOf({ settings });
  const wrong = (key: string, message: string, next: string): SettingsFinding[] => [
    { path: ['storage', 'ceph', key], level: 'error', message, next },
  ];
  if (places.length === 0) {
    return wrong('volumes', 'leaves nothing to keep blocks on', 'Ask for one or more, or name devices.');
  }
  if (hasNodes && devices.length > 0) {
    return wrong(
      'devices',
      'names disks, which have OSDs in clouds of one machine only, with the engine docker',
      'Leave it out, and ask for volumes; kubernetes.storageClass may name a class of local disks.',
    );
  }
  const uneven = checkOfEach('ceph', 'directories', directories, volumes);
  if (uneven.length > 0) return uneven;
  if (replicas > places.length) {
    return wrong(
      'replicas',
      `wants ${replicas} copies on different volumes and devices, of which there are ${places.length}`,
      `Ask for ${replicas} or more of these, or for fewer replicas.`,
    );
  }
  const strange = drain.find((place, index) => !places.includes(place) || drain.indexOf(place) !== index);
  if (strange !== undefined) {
    const isThere = places.includes(strange);
    return wrong(
      'drain',
      isThere ? `names ${strange} twice` : `names ${strange}, which is none of those that there are`,
      `Name each once; there are ${places.join(', ')}.`,
    );
  }
  const left = places.length - drain.length;
  if (left >= replicas) return [];
  return wrong(
    'drain',
    `leaves ${left} volumes and devices for ${replicas} copies`,
    'Ask for more of these first, or for fewer storage.ceph.replicas.',
  );
}
