import { describe, expect, test } from 'vitest';
import { type CloudConfig, cloudSchema } from '../../src/config/schema.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { enabledServices, networkDriverOf } from '../../src/resolve/desired.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from './cloud.ts';
import { exampleService } from './example.ts';

const catalogue = await loadCatalogue(projectRoot());
const drivers = catalogue.flatMap(({ networkDrivers = [] }) => networkDrivers);

const config = cloudSchema(catalogue).parse({});

function configWith(driver: string): CloudConfig {
  return { ...config, network: { ...config.network, driver: driver as typeof config.network.driver } };
}

test('the driver that a cloud has where cloud.yaml names none is in the catalogue', () => {
  expect(drivers).toContain(networkDriverOf(catalogue, config));
  expect(() => networkDriverOf(catalogue, configWith('pigeons'))).toThrow(/network driver pigeons/);
});

describe.each(drivers)('the driver $name', ({ name, traces }) => {
  test('sends people to logs and leaves traces of processes that are there', () => {
    const { desired } = renderCloud(catalogue, { config: configWith(name) });
    const named = [traces.lease, traces.floatingIp, traces.namespace].map(({ process }) => process);
    const processes = desired.processes.map((process) => process.name);
    expect(processes).toEqual(expect.arrayContaining([...named, ...Object.values(traces.logs).flat()]));
  });
});

test('a service that is part of a driver is on with that driver only', () => {
  const service = exampleService({ definition: { ofNetworkDriver: 'pigeons' } });
  expect(enabledServices([service], configWith('pigeons'))).toEqual([service]);
  expect(enabledServices([service], configWith('ovn'))).toEqual([]);
});
