import { z } from 'zod';
import { section } from '../../src/model/settings/fields.ts';
import type { SettingsFinding, SettingsOf } from '../../src/model/settings/settings.ts';

/** Where images can be: the volume of Glance, or containers of objects. Images remember it by these names. */
const store = z.enum(['files', 'swift']);

export const settings = {
  images: section({
    stores: z
      .array(store)
      .min(1)
      .default(['files'])
      .describe(
        'Where images of servers may be kept: `files` is a volume of Glance, `swift` needs that service.',
      ),
    defaultStore: store
      .optional()
      .describe('Where they are kept unless another is asked for (`--store`). The default is the first.'),
  }),
};

export type GlanceSettings = SettingsOf<typeof settings>;

export function defaultStoreOf({ images }: GlanceSettings): string {
  return images.defaultStore ?? images.stores[0] ?? 'files';
}

export function checkSettings(
  { images: { stores, defaultStore } }: GlanceSettings,
  { isGiven }: { isGiven(offer: 'objectStore'): boolean },
): SettingsFinding[] {
  if (stores.includes('swift') && !isGiven('objectStore')) {
    return [
      {
        path: ['images', 'stores'],
        level: 'error',
        message: 'names swift, and the service swift is off',
        next: 'Set services.swift to true, or leave it out.',
      },
    ];
  }
  if (defaultStore === undefined || stores.includes(defaultStore)) return [];
  return [
    {
      path: ['images', 'defaultStore'],
      level: 'error',
      message: `is ${defaultStore}, which is not among images.stores`,
      next: `Name one of ${stores.join(', ')}, or add it there.`,
    },
  ];
}
