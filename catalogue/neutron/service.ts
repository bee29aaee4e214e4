import type { RenderContext } from '../../src/model/context.ts';
import { connectedHealth, httpHealth, shellHealth } from '../../src/model/health.ts';
import { job, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { osloFile, osloJobFile } from '../common/oslo-file.ts';
import { schemaCommand } from '../common/schema.ts';
import { databaseSection } from '../common/sections.ts';
import { uwsgiCommand, uwsgiFile } from '../common/uwsgi.ts';
import { metadataAgentSections, neutronFile, serverSections } from './config.ts';

const serverAfter: Process['after'] = [
  'job:neutron-schema',
  'process:rabbitmq',
  'process:ovn-nb',
  'process:ovn-sb',
];

const serverReaches = ['mariadb', 'rabbitmq', 'memcached', 'keystone', 'ovn-nb', 'ovn-sb'];

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
  declare: () => ({
    secrets: [
      { name: 'neutron-account', kind: 'password' },
      { name: 'neutron-database', kind: 'password' },
      { name: 'neutron-broker', kind: 'password' },
    ],
    databases: [{ name: 'neutron', user: 'neutron', secret: 'neutron-database' }],
    brokerUsers: [{ user: 'neutron', secret: 'neutron-broker' }],
    accounts: [{ user: 'neutron', secret: 'neutron-account', roles: ['admin', 'service'] }],
    endpoints: [
      {
        service: 'neutron',
        type: 'network',
        description: 'OpenStack Networking',
        frontend: 'neutron',
        path: '',
      },
    ],
    frontends: [{ name: 'neutron', kind: 'http', process: 'neutron-api', port: 9696, publicPort: 9696 }],
  }),
  render: (context) => ({
    processes: [
      apiProcess(context),
      // OVN's agents talk to its databases, not over RPC: this worker is for other drivers, and off with OVN.
      worker(context, 'neutron-rpc', 'neutron-rpc-server', 0),
      worker(context, 'neutron-periodic', 'neutron-periodic-workers', 1),
      worker(context, 'neutron-ovn-maintenance', 'neutron-ovn-maintenance-worker', 1),
      metadataAgent(context),
    ],
    jobs: [
      job({
        name: 'neutron-schema',
        service: 'neutron',
        image: 'neutron',
        command: schemaCommand(
          `${CONFIG_DIR}/neutron.conf`,
          ['neutron'],
          ['neutron-db-manage', '--config-file', `${CONFIG_DIR}/neutron.conf`, 'upgrade', 'heads'],
        ),
        user: userOf('neutron'),
        files: [
          osloJobFile(context, {
            name: 'neutron.conf',
            job: 'neutron-schema',
            gid: users.neutron,
            sections: [
              {
                DEFAULT: { core_plugin: 'ml2' },
                database: databaseSection(context, 'neutron', { patient: true }),
              },
            ],
          }),
        ],
        after: ['process:mariadb'],
        reaches: ['mariadb'],
      }),
    ],
    tasks: [],
  }),
});

function apiProcess(context: RenderContext): Process {
  return process({
    name: 'neutron-api',
    service: 'neutron',
    image: 'neutron',
    command: uwsgiCommand,
    user: userOf('neutron'),
    files: [
      neutronFile(context, 'neutron-api', serverSections(context)),
      uwsgiFile({
        module: 'neutron.wsgi.api:application',
        port: 9696,
        workers: context.workers('neutron-api', Math.min(2, context.cores)),
        gid: users.neutron,
        environment: { OS_NEUTRON_CONFIG_FILES: `${CONFIG_DIR}/neutron.conf` },
      }),
    ],
    replicas: context.replicas('neutron-api'),
    update: 'rolling',
    ports: [{ name: 'api', port: 9696 }],
    // Each worker is in OVN's hash ring by its host name, and takes itself out when it ends: an API that is being
    // replaced must not take out the one that replaces it.
    needs: { uniqueHostname: true },
    health: httpHealth(9696),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    after: [...serverAfter, 'process:memcached'],
    reaches: serverReaches,
  });
}

function worker(context: RenderContext, name: string, program: string, replicas: number): Process {
  const waitsFor =
    program === 'neutron-ovn-maintenance-worker'
      ? [6641, 'the OVN northbound database']
      : [3306, 'the database'];
  return process({
    name,
    service: 'neutron',
    image: 'neutron',
    command: [program, '--config-file', `${CONFIG_DIR}/neutron.conf`],
    user: userOf('neutron'),
    files: [neutronFile(context, name, serverSections(context))],
    replicas: context.replicas(name, replicas),
    update: 'rolling',
    health: connectedHealth(waitsFor[0] as number, waitsFor[1] as string),
    stop: { signal: 'SIGTERM', graceSeconds: 15 },
    after: serverAfter,
    reaches: serverReaches,
  });
}

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
    after: ['process:ovn-sb', 'process:ovn-controller', 'process:openvswitch', 'process:nova-metadata'],
    reaches: ['ovn-sb', 'metadata'],
  });
}
