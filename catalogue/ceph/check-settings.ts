import type { SettingsFinding } from '../../src/model/settings/settings.ts';
import { type CephSettings, replicasOf } from './settings.ts';

export function checkSettings(settings: CephSettings): SettingsFinding[] {
  const { volumes, directories, drain } = settings.storage.ceph;
  const replicas = replicasOf({ settings });
  const wrong = (key: string, message: string, next: string): SettingsFinding[] => [
    { path: ['storage', 'ceph', key], level: 'error', message, next },
  ];
  if (directories.length > 0 && directories.length !== volumes) {
    return wrong(
      'directories',
      `names ${directories.length} directories for ${volumes} volumes`,
      `Name one for each, or set storage.ceph.volumes to ${directories.length}.`,
    );
  }
  if (replicas > volumes) {
    return wrong(
      'replicas',
      `wants ${replicas} copies on different volumes, of which there are ${volumes}`,
      `Set storage.ceph.volumes to ${replicas} or more, or fewer replicas.`,
    );
  }
  const strange = drain.find((number, index) => number > volumes || drain.indexOf(number) !== index);
  if (strange !== undefined) {
    return wrong(
      'drain',
      strange > volumes ? `names volume ${strange} of ${volumes}` : `names volume ${strange} twice`,
      `Name volumes by their numbers, from 1 to ${volumes}, each once.`,
    );
  }
  const left = volumes - drain.length;
  if (left >= replicas) return [];
  return wrong(
    'drain',
    `leaves ${left} volumes for ${replicas} copies`,
    'Ask for more volumes first, or for fewer storage.ceph.replicas.',
  );
}
