import { z } from 'zod';
import type { CloudConfig } from '../config/schema.ts';
import { unwrap } from '../config/schema-tree.ts';
import type { ServiceDefinition } from '../model/service.ts';
import type { SettingsShape } from '../model/settings/settings.ts';

/** A service's own settings of a cloud.yaml: the keys of its shape, of a shared section its part. */
export function settingsOf({ settings = {} }: Pick<ServiceDefinition, 'settings'>, config: CloudConfig) {
  return pick(settings, { ...config });
}

function pick(shape: SettingsShape, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(shape).map(([key, field]) => {
      const { type } = unwrap(field);
      const value = values[key];
      return [key, type instanceof z.ZodObject ? pick(type.shape, value as typeof values) : value];
    }),
  );
}
