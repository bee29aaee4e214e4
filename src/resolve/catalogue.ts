import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition } from '../model/service.ts';

/** Every service in catalogue/, by its name: a folder with a service.ts is one; nothing else lists them. */
export function listCatalogue(root: string): { name: string }[] {
  const folder = join(root, 'catalogue');
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'service.ts')))
    .sort()
    .map((name) => ({ name }));
}

/** Their definitions. */
export async function loadCatalogue(root: string): Promise<ServiceDefinition[]> {
  const services = await Promise.all(
    listCatalogue(root).map(async ({ name }) => {
      const module = (await import(`../../catalogue/${name}/service.ts`)) as { default: ServiceDefinition };
      return module.default;
    }),
  );
  return withNodeProcesses(services);
}

/** Has the switch's service name what the network drivers run beside the switch. */
export function withNodeProcesses(services: ServiceDefinition[]): ServiceDefinition[] {
  const drivers = services.flatMap(({ networkDrivers }) => networkDrivers?.all ?? []);
  const traits = drivers.flatMap(({ name, nodeProcessNames }) =>
    nodeProcessNames.map((process) => [process, { replicas: false, ofNetworkDriver: name }] as const),
  );
  return services.map((service) =>
    service.runsNodeProcesses
      ? { ...service, processNames: { ...service.processNames, ...Object.fromEntries(traits) } }
      : service,
  );
}
