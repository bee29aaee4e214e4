import { z } from 'zod';
import type { CloudConfig } from '../config/schema.ts';
import { unwrap } from '../config/schema-tree.ts';
import type { ServiceDefinition } from '../model/service.ts';
import type { SettingsFinding, SettingsShape } from '../model/settings/settings.ts';
import { checkDevices, deviceLists } from './devices.ts';

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

/** What the services find wrong in their own settings; see ServiceDefinition.checkSettings. */
export function checkSettings(
  services: readonly ServiceDefinition[],
  config: CloudConfig,
): SettingsFinding[] {
  const lists = services.flatMap((service) =>
    deviceLists(service.settings ?? {}, settingsOf(service, config)),
  );
  return [
    ...checkDevices(lists, config.engine),
    ...services.flatMap((service) => service.checkSettings?.(settingsOf(service, config)) ?? []),
  ];
}
