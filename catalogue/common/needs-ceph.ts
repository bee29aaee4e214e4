import type { CheckedCloud } from '../../src/model/service.ts';
import type { SettingsFinding } from '../../src/model/settings/settings.ts';

/** Refuses a service that keeps `what` in pools of Ceph where there is none. */
export function needsCeph(
  service: string,
  what: string,
  { isGiven, isOn }: Pick<CheckedCloud, 'isGiven' | 'isOn'>,
): SettingsFinding[] {
  if (!isOn || isGiven('cephCluster')) return [];
  return [
    {
      path: ['services', service],
      level: 'error',
      message: `keeps ${what} in pools of Ceph, which is not on`,
      next: 'Set services.ceph to true as well.',
    },
  ];
}
