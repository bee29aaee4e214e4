import type { CheckedCloud } from '../../src/model/service.ts';
import type { SettingsFinding } from '../../src/model/settings/settings.ts';

export function checkSettings(
  _settings: object,
  { isGiven }: Pick<CheckedCloud, 'isGiven'>,
): SettingsFinding[] {
  if (!isGiven('blockStorage') || isGiven('blockPool')) return [];
  return [
    {
      path: ['services', 'cinder'],
      level: 'error',
      message: 'keeps volumes in pools of block devices, and no service that is on has any',
      next: 'Set services.ceph to true as well.',
    },
  ];
}
