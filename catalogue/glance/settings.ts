import { z } from 'zod';
import { section } from '../../src/model/settings/fields.ts';
import type { SettingsFinding, SettingsOf } from '../../src/model/settings/settings.ts';

/**
 * Where images can be: the volume of Glance, containers of objects, or a pool of block devices. Images remember it by
 * these names.
 */
const store = z.enum(['files', 'swift', 'ceph']);

/** The services that stores beside `files` need, which have their names, by what these give. */
const needed = { swift: 'objectStore', ceph: 'blockPool' } as const;

export const settings = {
  images: section({
    stores: z
      .array(store)
      .min(1)
      .default(['files'])
      .describe(
        'Where images of servers may be kept: `files` is a volume of Glance, `swift` and `ceph` need the service of that name.',
      ),
    defaultStore: store
      .optional()
      .describe(
        'Where they are kept unless another is asked for (`openstack image import --store`). The default is the first.',
      ),
  }),
};

export type GlanceSettings = SettingsOf<typeof settings>;

export function defaultStoreOf({ images }: GlanceSettings): string {
  return images.defaultStore ?? images.stores[0] ?? 'files';
}

/** Whether images may be in a pool of block devices. */
export function usesPool({ images }: GlanceSettings): boolean {
  return images.stores.includes('ceph');
}

export function checkSettings(
  { images: { stores, defaultStore } }: GlanceSettings,
  { isGiven }: { isGiven(offer: 'objectStore' | 'blockPool'): boolean },
): SettingsFinding[] {
  const missing = (['swift', 'ceph'] as const).find(
    (name) => stores.includes(name) && !isGiven(needed[name]),
  );
  if (missing) {
    return [
      {
        path: ['images', 'stores'],
        level: 'error',
        message: `names ${missing}, and the service ${missing} is off`,
        next: `Set services.${missing} to true, or leave it out.`,
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
