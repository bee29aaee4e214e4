import type { RenderContext } from '../../src/model/context.ts';
import { connectedHealth } from '../../src/model/health.ts';
import { defineService, type ServiceDefinition } from '../../src/model/service.ts';
import { CONFIG_DIR, type Process, type Ref } from '../../src/model/workload.ts';
import { pipelinesFile } from '../common/audit.ts';
import { usualNeeds } from '../common/needs.ts';
import { apiProcess, rpcWorker, schemaJob } from '../common/workloads.ts';
import { pipelines, serverSections } from './config.ts';
import type { NeutronDriver } from './drivers/driver.ts';
import { type Drivers, driverNamed, drivers } from './drivers.ts';
import { type NeutronSettings, settingsWith } from './settings.ts';

export default neutronWith(drivers);

/** Neutron with these drivers: those of its folder, except in tests of what a driver is to the rest. */
export function neutronWith(drivers: Drivers): ServiceDefinition {
  const chosen = ({ network }: NeutronSettings) => driverNamed(network.driver, drivers);
  return defineService({
    name: 'neutron',
    summary: 'Networks, routers, floating IPs, security groups',
    byDefault: true,
    required: true,
    processNames: {
      'neutron-api': { replicas: true, workers: true },
      'neutron-rpc': { replicas: true },
      'neutron-periodic': { replicas: true },
      ...ofDrivers(drivers, ({ processNames }) => processNames),
    },
    configFiles: { 'neutron.conf': {}, ...ofDrivers(drivers, ({ configFiles }) => configFiles) },
    networkDrivers: { all: drivers, chosen },
    settings: settingsWith(drivers),
    declare: ({ settings: { network } }) => ({
      ...usualNeeds('neutron', {
        broker: true,
        api: { type: 'network', description: 'OpenStack Networking', port: 9696 },
      }),
      physicalNetworks: [{ name: network.external.physicalNetwork, mtu: network.mtu }],
    }),
    gives: {
      network: () => ({ serviceType: 'network', account: 'neutron', after: [], reaches: [] }),
    },
    render: (context) => {
      const driver = chosen(context.settings);
      return {
        processes: [
          apiProcess(context, {
            ...server(driver),
            name: 'neutron-api',
            sections: (own) => [
              ...serverSections(own, driver),
              { DEFAULT: { api_paste_config: pipelinesFile(own, pipelines) } },
            ],
            workers: Math.min(2, context.cores),
            wsgi: {
              module: 'neutron.wsgi.api:application',
              environment: { OS_NEUTRON_CONFIG_FILES: `${CONFIG_DIR}/neutron.conf` },
            },
            pipelines,
            more: { needs: driver.apiNeeds },
          }),
          ...workers(context, driver),
          ...driver.agents(context),
        ],
        jobs: [
          schemaJob(context, {
            service: 'neutron',
            config: 'neutron.conf',
            databases: { database: 'neutron' },
            sections: () => [{ DEFAULT: { core_plugin: 'ml2' } }],
            command: (file) => ['neutron-db-manage', '--config-file', file, 'upgrade', 'heads'],
          }),
        ],
        tasks: [],
      };
    },
  });
}

/** What the API and the workers have in common. They log in to Keystone when there is something to tell Nova. */
function server(driver: NeutronDriver) {
  return {
    service: 'neutron',
    config: 'neutron.conf',
    sections: (context: RenderContext<NeutronSettings>) => serverSections(context, driver),
    later: ['identity'],
    after: driver.serverReaches.map((name): Ref => `process:${name}`),
    reaches: driver.serverReaches,
  } as const;
}

/** The workers of Neutron's server that every driver has, and those that come with this cloud's. */
function workers(context: RenderContext<NeutronSettings>, driver: NeutronDriver): Process[] {
  const database = { port: 3306, name: 'the database' };
  const all = [
    { name: 'neutron-rpc', program: 'neutron-rpc-server', worksOn: database, replicas: driver.rpcWorkers },
    { name: 'neutron-periodic', program: 'neutron-periodic-workers', worksOn: database },
    ...driver.workers,
  ];
  return all.map(({ worksOn, ...worker }) =>
    rpcWorker(context, {
      ...server(driver),
      replicas: 1,
      ...worker,
      graceSeconds: 15,
      health: connectedHealth(worksOn.port, worksOn.name),
    }),
  );
}

/** What each driver has of something by name, which is there with that driver only. No two name anything alike. */
function ofDrivers<T>(
  drivers: Drivers,
  pick: (driver: NeutronDriver) => Record<string, T>,
): Record<string, T & { ofNetworkDriver: string }> {
  const entries = drivers.flatMap((driver) =>
    Object.entries(pick(driver)).map(
      ([name, traits]) => [name, { ...traits, ofNetworkDriver: driver.name }] as const,
    ),
  );
  return Object.fromEntries(entries);
}
