import type { RenderContext } from '../../src/model/context.ts';
import { connectedHealth } from '../../src/model/health.ts';
import { defineService } from '../../src/model/service.ts';
import { CONFIG_DIR, type Process, type Ref } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import { apiProcess, rpcWorker, schemaJob } from '../common/workloads.ts';
import { serverSections } from './config.ts';
import { driverNamed, drivers } from './drivers.ts';
import { type NeutronSettings, settings } from './settings.ts';

export default defineService({
  name: 'neutron',
  summary: 'Networks, routers, floating IPs, security groups',
  byDefault: true,
  required: true,
  processNames: {
    'neutron-api': { replicas: true, workers: true },
    'neutron-rpc': { replicas: true },
    'neutron-periodic': { replicas: true },
    ...merge(drivers.map(({ processNames }) => processNames)),
  },
  configFiles: { 'neutron.conf': {}, ...merge(drivers.map(({ configFiles }) => configFiles)) },
  networkDriver: ({ network }) => driverNamed(network.driver),
  settings,
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
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...server(context),
        name: 'neutron-api',
        workers: Math.min(2, context.cores),
        wsgi: {
          module: 'neutron.wsgi.api:application',
          environment: { OS_NEUTRON_CONFIG_FILES: `${CONFIG_DIR}/neutron.conf` },
        },
        // Each worker is in OVN's hash ring by its host name, and takes itself out when it ends: an API that is being
        // replaced must not take out the one that replaces it.
        more: { needs: { uniqueHostname: true } },
      }),
      ...workers(context),
      ...driverNamed(context.settings.network.driver).agents(context),
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
  }),
});

/** What the API and the workers have in common. They log in to Keystone when there is something to tell Nova. */
function server(context: RenderContext<NeutronSettings>) {
  const { serverReaches } = driverNamed(context.settings.network.driver);
  return {
    service: 'neutron',
    config: 'neutron.conf',
    sections: serverSections,
    later: ['identity'],
    after: serverReaches.map((name): Ref => `process:${name}`),
    reaches: serverReaches,
  } as const;
}

/** The workers of Neutron's server that every driver has, and those that come with this cloud's. */
function workers(context: RenderContext<NeutronSettings>): Process[] {
  const driver = driverNamed(context.settings.network.driver);
  const database = { port: 3306, name: 'the database' };
  const all = [
    { name: 'neutron-rpc', program: 'neutron-rpc-server', worksOn: database, replicas: driver.rpcWorkers },
    { name: 'neutron-periodic', program: 'neutron-periodic-workers', worksOn: database },
    ...driver.workers,
  ];
  return all.map(({ worksOn, ...worker }) =>
    rpcWorker(context, {
      ...server(context),
      replicas: 1,
      ...worker,
      graceSeconds: 15,
      health: connectedHealth(worksOn.port, worksOn.name),
    }),
  );
}

/** Drivers name no process or file alike. */
function merge<T>(records: Record<string, T>[]): Record<string, T> {
  return Object.assign({}, ...records);
}
