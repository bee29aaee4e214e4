import { describe, expect, test } from 'vitest';
import { drivers } from '../../catalogue/neutron/drivers.ts';
import { type CloudConfig, cloudSchema } from '../../src/config/schema.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { enabledServices, networkDriverOf } from '../../src/resolve/desired.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from './cloud.ts';
import { exampleService } from './example.ts';

const catalogue = await loadCatalogue(projectRoot());
const schema = cloudSchema(catalogue);
const config = schema.parse({});

const configWith = (driver: string): CloudConfig => schema.parse({ network: { driver } });

test('cloud.yaml names one of the drivers that there are, or has the first', () => {
  expect(networkDriverOf(catalogue, config)).toBe(drivers[0]);
  expect(drivers.map(({ name }) => networkDriverOf(catalogue, configWith(name)))).toEqual(drivers);
  expect(() => configWith('pigeons')).toThrow(/ovn/);
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
  const service = exampleService({ definition: { ofNetworkDriver: 'ovn' } });
  const cloudOf = (name: string) => {
    const driver = { ...drivers[0], name };
    const networkDrivers = { all: [driver], chosen: () => driver };
    const owner = exampleService({ definition: { networkDrivers } });
    return enabledServices([owner, service], config);
  };
  expect(cloudOf('ovn')).toContain(service);
  expect(cloudOf('pigeons')).not.toContain(service);
});
