import type { SettingsFinding } from '../../src/model/settings/settings.ts';
import { checkOfEach } from '../common/volume-devices.ts';
import { type CephSettings, placesOf, replicasOf, volumesOf } from './settings.ts';

export function checkSettings(settings: CephSettings): SettingsFinding[] {
  const { directories, drain } = settings.storage.ceph;
  const volumes = volumesOf({ settings }).length;
  const places = placesOf({ settings });
  const replicas = replicasOf({ settings });
  const wrong = (key: string, message: string, next: string): SettingsFinding[] => [
    { path: ['storage', 'ceph', key], level: 'error', message, next },
  ];
  if (places.length === 0) {
    return wrong('volumes', 'leaves nothing to keep blocks on', 'Ask for one or more, or name devices.');
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
