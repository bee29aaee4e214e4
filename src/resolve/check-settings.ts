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
  const on = enabledServices(services, config);
  const given = new Set(on.flatMap(({ gives = {} }) => Object.keys(gives)));
  const cloud: Omit<CheckedCloud, 'isOn'> = {
    isGiven: (offer) => given.has(offer),
    limitsOf: (process) => limitsOf(config, process),
    hasNodes: config.engine === 'kubernetes',
  };
  return [
    ...checkDevices(lists, config.engine),
    ...services.flatMap((service) =>
      checkDirectories(service.settings ?? {}, settingsOf(service, config), config.engine),
    ),
    ...services.flatMap(
      (service) =>
        service.checkSettings?.(settingsOf(service, config), { ...cloud, isOn: on.includes(service) }) ?? [],
    ),
    ...checkPlaces(on),
    ...checkCpuSets(cpuSetsOf(services, config), config),
  ];
}

/** Of two services that give others the same there is one: takers could not choose. */
function checkPlaces(on: ServiceDefinition[]): SettingsFinding[] {
  return on
    .filter(({ inPlaceOf }) => on.some(({ name }) => name === inPlaceOf))
    .map(({ name, inPlaceOf = '' }) => ({
      path: ['services', name],
      beside: ['services', inPlaceOf],
      level: 'error',
      message: `is in the place of services.${inPlaceOf}, which is on as well`,
      next: 'Set one of both to false, or leave it out.',
    }));
}
