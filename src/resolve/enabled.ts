import { usesBuiltinRegistry } from '../config/registry.ts';
import type { CloudConfig } from '../config/schema.ts';
import { GantryError } from '../errors.ts';
import type { NetworkDriver } from '../model/network-driver.ts';
import type { ServiceDefinition } from '../model/service.ts';
import { settingsOf } from './settings.ts';

/** The services of the catalogue that this cloud has. */
export function enabledServices(catalogue: ServiceDefinition[], config: CloudConfig): ServiceDefinition[] {
  const alone = catalogue.filter((service) => service.isAlone?.(settingsOf(service, config)));
  if (alone.length > 0) return alone;
  return catalogue.filter((service) => {
    if (service.imageRegistry) return usesBuiltinRegistry(config);
    const { byDefault, name, ofNetworkDriver, required } = service;
    if (ofNetworkDriver && ofNetworkDriver !== networkDriverOf(catalogue, config).name) return false;
    return required || (config.services[name] ?? byDefault);
  });
}

/** The network driver that cloud.yaml names. */
export function networkDriverOf(services: ServiceDefinition[], config: CloudConfig): NetworkDriver {
  const owner = services.find(({ networkDrivers }) => networkDrivers);
  const driver = owner?.networkDrivers?.chosen(settingsOf(owner, config));
  if (driver) return driver;
  throw new GantryError({
    code: 'catalogue.no-network-driver',
    whose: 'bug',
    message: 'no service of the cloud has network drivers',
  });
}
