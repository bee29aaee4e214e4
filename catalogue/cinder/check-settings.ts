import type { OfferName } from '../../src/model/offers.ts';
import type { SettingsFinding } from '../../src/model/settings/settings.ts';

export function checkSettings(
  _settings: object,
  { isGiven }: { isGiven(offer: OfferName): boolean },
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
