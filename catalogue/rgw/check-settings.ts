import type { CheckedCloud } from '../../src/model/service.ts';
import type { SettingsFinding } from '../../src/model/settings/settings.ts';

export function checkSettings(
  _settings: object,
  { isGiven, isOn }: Pick<CheckedCloud, 'isGiven' | 'isOn'>,
): SettingsFinding[] {
  if (!isOn || isGiven('cephCluster')) return [];
  return [
    {
      path: ['services', 'rgw'],
      level: 'error',
      message: 'keeps objects in pools of Ceph, which is not on',
      next: 'Set services.ceph to true as well.',
    },
  ];
}
