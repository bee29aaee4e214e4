import type { CloudConfig } from '../config/schema.ts';
import type { CheckedCloud, ServiceDefinition } from '../model/service.ts';
import type { SettingsFinding } from '../model/settings/settings.ts';
import { checkCpuSets, cpuSetsOf } from './cpu-sets.ts';
import { checkDevices, checkDirectories, deviceLists } from './devices.ts';
import { enabledServices } from './enabled.ts';
import { limitsOf } from './limits.ts';
import { settingsOf } from './settings.ts';

/** What the services find wrong in their own settings; see ServiceDefinition.checkSettings. */
export function checkSettings(services: ServiceDefinition[], config: CloudConfig): SettingsFinding[] {
  const lists = services.flatMap((service) =>
    deviceLists(service.settings ?? {}, settingsOf(service, config)),
  );
  const given = new Set(enabledServices(services, config).flatMap(({ gives = {} }) => Object.keys(gives)));
  const cloud: CheckedCloud = {
    isGiven: (offer) => given.has(offer),
    limitsOf: (process) => limitsOf(config, process),
    hasNodes: config.engine === 'kubernetes',
  };
  return [
    ...checkDevices(lists, config.engine),
    ...services.flatMap((service) =>
      checkDirectories(service.settings ?? {}, settingsOf(service, config), config.engine),
    ),
    ...services.flatMap((service) => service.checkSettings?.(settingsOf(service, config), cloud) ?? []),
    ...checkCpuSets(cpuSetsOf(services, config), config),
  ];
}
