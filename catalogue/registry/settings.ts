import { z } from 'zod';
import { section } from '../../src/model/settings/fields.ts';
import type { SettingsFinding, SettingsOf } from '../../src/model/settings/settings.ts';

export const settings = {
  registry: section({
    readOnly: z
      .boolean()
      .default(false)
      .describe(
        'Images can be pulled, and neither pushed nor deleted; `gantry collect` sees to it by itself.',
      ),
  }).describe('A registry of container images for users of the cloud.'),
};

export type RegistrySettings = SettingsOf<typeof settings>;

export function checkSettings(
  _settings: RegistrySettings,
  { isGiven }: { isGiven(offer: 'containerRegistry' | 'objects' | 'objectStore'): boolean },
): SettingsFinding[] {
  if (!isGiven('containerRegistry') || isGiven('objectStore')) return [];
  return [
    {
      path: ['services', 'registry'],
      level: 'error',
      message: 'keeps its images in Swift, which is not on',
      next: isGiven('objects')
        ? 'Set services.swift to true, and services.rgw to false: RGW lets nobody in who may only read, as copies of the registry outside of the cloud do.'
        : 'Set services.swift to true as well.',
    },
  ];
}
