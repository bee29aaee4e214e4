import type { RenderContext } from '../../src/model/context.ts';
import { connectedHealth, shellHealth } from '../../src/model/health.ts';
import { process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { taking } from '../../src/model/take.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import { osloFile } from '../common/oslo-file.ts';
import { apiProcess, rpcWorker, schemaJob } from '../common/workloads.ts';
import { metadataAgentSections, serverSections } from './config.ts';

/** What the API and the workers have in common. They log in to Keystone when there is something to tell Nova. */
const server = {
  service: 'neutron',
  config: 'neutron.conf',
  sections: serverSections,
  later: ['identity'],
  after: ['process:ovn-nb', 'process:ovn-sb'],
  reaches: ['ovn-nb', 'ovn-sb'],
} as const;

const worker = { ...server, graceSeconds: 15, health: connectedHealth(3306, 'the database') } as const;

export default defineService({
  name: 'neutron',
  summary: 'Networks, routers, floating IPs, security groups',
  byDefault: true,
  required: true,
  processNames: {
    'neutron-api': { replicas: true, workers: true },
    'neutron-rpc': { replicas: true },
    'neutron-periodic': { replicas: true },
    'neutron-ovn-maintenance': { replicas: false },
    'neutron-ovn-metadata': { replicas: false },
  },
  configFiles: { 'neutron.conf': {}, 'neutron_ovn_metadata_agent.ini': {} },
  declare: () =>
    usualNeeds('neutron', {
      broker: true,
      api: { type: 'network', description: 'OpenStack Networking', port: 9696 },
    }),
  gives: {
    network: () => ({ serviceType: 'network', account: 'neutron', after: [], reaches: [] }),
  },
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...server,
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
      // OVN's agents talk to its databases, not over RPC: this worker is for other drivers, and off with OVN.
      rpcWorker(context, {
        ...worker,
        name: 'neutron-rpc',
        program: 'neutron-rpc-server',
        replicas: 0,
      }),
      rpcWorker(context, {
        ...worker,
        name: 'neutron-periodic',
        program: 'neutron-periodic-workers',
        replicas: 1,
      }),
      rpcWorker(context, {
        ...worker,
        name: 'neutron-ovn-maintenance',
        program: 'neutron-ovn-maintenance-worker',
        replicas: 1,
        health: connectedHealth(6641, 'the OVN northbound database'),
      }),
      taking(context, metadataAgent),
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

/** Runs as root: it makes network namespaces and moves interfaces into them. */
function metadataAgent(context: RenderContext): Process {
  return process({
    name: 'neutron-ovn-metadata',
    service: 'neutron',
    image: 'neutron',
    command: [
      '/usr/local/bin/start-ovn-metadata-agent',
      '--config-file',
      `${CONFIG_DIR}/neutron_ovn_metadata_agent.ini`,
    ],
    user: '0:0',
    files: [
      osloFile(context, {
        name: 'neutron_ovn_metadata_agent.ini',
        process: 'neutron-ovn-metadata',
        gid: 0,
        sections: metadataAgentSections(context),
      }),
    ],
    volumes: [
      { volume: 'openvswitch-run', path: '/run/openvswitch', scope: 'node' },
      { volume: 'neutron-ovn-metadata', path: '/var/lib/neutron', scope: 'node' },
    ],
    // Namespaces of its own: they hold its proxies, which end with it, and are made anew when it starts.
    tmpfs: ['/tmp', '/run/netns'],
    needs: {
      node: 'compute',
      hostNetwork: true,
      capabilities: [
        'CHOWN',
        'DAC_OVERRIDE',
        'DAC_READ_SEARCH',
        'FOWNER',
        'KILL',
        'NET_ADMIN',
        'NET_BIND_SERVICE',
        'NET_RAW',
        'SETGID',
        'SETUID',
        'SYS_ADMIN',
        'SYS_PTRACE',
      ],
    },
    health: shellHealth(
      "test -S /var/lib/neutron/metadata_proxy || { echo 'the metadata proxy has no socket yet'; exit 1; }",
    ),
    after: ['process:ovn-sb', 'process:ovn-controller', 'process:openvswitch'],
    reaches: ['ovn-sb'],
  });
}
