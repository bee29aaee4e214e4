import { type RenderContext, spansNodes } from '../../src/model/context.ts';
import { connectedHealth, httpHealth, tcpHealth } from '../../src/model/health.ts';
import { process } from '../../src/model/make.ts';
import { makeNodeCertificate, nodeCertificateFiles } from '../../src/model/node-certificate.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { uwsgiCommand, uwsgiFile, type WsgiOptions } from '../common/uwsgi.ts';
import {
  apiSections,
  baseSections,
  computeSections,
  databaseSections,
  groupReaders,
  novaFile,
  PROXY_CERTIFICATES,
  proxySections,
  vncSections,
} from './config.ts';
import { schemaJob } from './jobs.ts';

/** Nova's processes log in to Keystone and Placement as they start, and end when they are refused. */
const ready: Process['after'] = ['process:rabbitmq', 'process:haproxy', 'task:keystone-registrations'];

/** What nova.conf names for all of Nova's processes; those of the API's side read the databases as well. */
const everyReaches = ['rabbitmq', 'memcached', 'keystone'];
const apiSideReaches = [...everyReaches, 'mariadb'];

const configFile = ['--config-file', `${CONFIG_DIR}/nova.conf`];

export default defineService({
  name: 'nova',
  summary: 'Servers: API, scheduling, consoles, the hypervisors',
  byDefault: true,
  required: true,
  processNames: {
    'nova-api': { replicas: true, workers: true },
    'nova-metadata': { replicas: true, workers: true },
    'nova-conductor': { replicas: true, workers: true },
    'nova-scheduler': { replicas: true, workers: true },
    'nova-novncproxy': { replicas: true, optional: true },
    'nova-compute': { replicas: false },
  },
  configFiles: { 'nova.conf': { groupReaders } },
  declare: () => ({
    secrets: [
      { name: 'nova-account', kind: 'password' },
      { name: 'nova-database', kind: 'password' },
      { name: 'nova-broker', kind: 'password' },
      { name: 'nova-metadata-proxy', kind: 'password' },
    ],
    databases: ['nova', 'nova_api', 'nova_cell0'].map((name) => ({
      name,
      user: 'nova',
      secret: 'nova-database',
    })),
    brokerUsers: [{ user: 'nova', secret: 'nova-broker' }],
    accounts: [{ user: 'nova', secret: 'nova-account', roles: ['admin', 'service'] }],
    endpoints: [
      {
        service: 'nova',
        type: 'compute',
        description: 'OpenStack Compute',
        frontend: 'nova',
        path: '/v2.1',
      },
    ],
    frontends: [
      { name: 'nova', kind: 'http', process: 'nova-api', port: 8774, publicPort: 8774 },
      { name: 'metadata', kind: 'http', process: 'nova-metadata', port: 8775 },
      { name: 'novnc', kind: 'http', process: 'nova-novncproxy', port: 6080, publicPort: 6080, tunnel: true },
    ],
  }),
  render: (context) => ({
    processes: [
      apiProcess(context, {
        name: 'nova-api',
        module: 'nova.wsgi.osapi_compute:application',
        preload: ['nova.api.openstack.compute.routes'],
        port: 8774,
        workers: Math.min(2, context.cores),
      }),
      apiProcess(context, {
        name: 'nova-metadata',
        module: 'nova.wsgi.metadata:application',
        preload: ['nova.api.metadata.handler'],
        // Neutron's agent says for which server it asks. Why a server has no metadata, `explain server` reads from here.
        logRequests: {
          with: 'HTTP_X_INSTANCE_ID',
          format: '%(method) %(uri) for server %(var.HTTP_X_INSTANCE_ID): %(status)',
        },
        port: 8775,
        workers: 1,
      }),
      conductor(context),
      scheduler(context),
      novncproxy(context),
      compute(context),
    ],
    jobs: [schemaJob(context)],
    tasks: [],
  }),
});

/** What both of Nova's APIs import, as far as it opens nothing. */
const preload = [
  'nova.api.openstack.wsgi_app',
  'nova.db.api.models',
  'nova.db.main.models',
  'keystonemiddleware.auth_token',
  'oslo_messaging._drivers.impl_rabbit',
  'pymysql',
];

interface Api {
  name: string;
  module: string;
  logRequests?: WsgiOptions['logRequests'];
  /** What this one imports beside what both do. */
  preload: string[];
  port: number;
  workers: number;
}

function apiProcess(context: RenderContext, api: Api): Process {
  const { name, port } = api;
  return process({
    name,
    service: 'nova',
    image: 'nova',
    command: uwsgiCommand,
    user: userOf('nova'),
    files: [
      novaFile(context, name, [...baseSections(context), ...apiSections(context), vncSections(context)]),
      uwsgiFile({
        module: api.module,
        port,
        workers: context.workers(name, api.workers),
        preload: [...preload, ...api.preload],
        ...(api.logRequests ? { logRequests: api.logRequests } : {}),
        gid: users.nova,
        // The first one is where the application looks for its pipelines.
        environment: { OS_NOVA_CONFIG_FILES: `/etc/nova/api-paste.ini;${CONFIG_DIR}/nova.conf` },
      }),
    ],
    replicas: context.replicas(name),
    update: 'rolling',
    ports: [{ name: 'api', port }],
    health: httpHealth(port),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    after: ['job:nova-schema', 'process:memcached', ...ready],
    reaches: apiSideReaches,
  });
}

function conductor(context: RenderContext): Process {
  const workers = context.workers('nova-conductor', 1);
  return process({
    name: 'nova-conductor',
    service: 'nova',
    image: 'nova',
    command: ['nova-conductor', ...configFile],
    user: userOf('nova'),
    files: [
      novaFile(context, 'nova-conductor', [
        ...baseSections(context),
        databaseSections(context),
        { conductor: { workers } },
      ]),
    ],
    replicas: context.replicas('nova-conductor'),
    update: 'rolling',
    health: connectedHealth(5672, 'the message broker'),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    after: ['job:nova-schema', ...ready],
    reaches: apiSideReaches,
  });
}

function scheduler(context: RenderContext): Process {
  const workers = context.workers('nova-scheduler', 1);
  return process({
    name: 'nova-scheduler',
    service: 'nova',
    image: 'nova',
    command: ['nova-scheduler', ...configFile],
    user: userOf('nova'),
    files: [
      novaFile(context, 'nova-scheduler', [
        ...baseSections(context),
        databaseSections(context),
        {
          // By default the scheduler begins to look for compute hosts at some moment of its first minute.
          DEFAULT: { periodic_fuzzy_delay: 0 },
          // A new compute host becomes usable by itself within this many seconds.
          scheduler: { workers, discover_hosts_in_cells_interval: 2 },
        },
      ]),
    ],
    replicas: context.replicas('nova-scheduler'),
    update: 'rolling',
    health: connectedHealth(5672, 'the message broker'),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    after: ['job:nova-schema', ...ready],
    reaches: apiSideReaches,
  });
}

function novncproxy(context: RenderContext): Process {
  const command = ['nova-novncproxy', ...configFile, '--web', '/usr/share/novnc'];
  return process({
    name: 'nova-novncproxy',
    service: 'nova',
    image: 'nova',
    command: spansNodes(context)
      ? ['bash', '-c', `${makeNodeCertificate(PROXY_CERTIFICATES)} && exec ${command.join(' ')}`]
      : command,
    user: userOf('nova'),
    files: [
      novaFile(context, 'nova-novncproxy', [
        ...baseSections(context),
        databaseSections(context),
        vncSections(context),
        proxySections(context),
      ]),
      ...nodeCertificateFiles(context, users.nova),
    ],
    replicas: context.replicas('nova-novncproxy'),
    update: 'rolling',
    ports: [{ name: 'novnc', port: 6080 }],
    health: tcpHealth(6080),
    after: ['job:nova-schema'],
    reaches: apiSideReaches,
  });
}

function compute(context: RenderContext): Process {
  return process({
    name: 'nova-compute',
    service: 'nova',
    image: 'nova-compute',
    command: ['/usr/local/bin/start-nova-compute', context.compute.virtType],
    user: userOf('nova'),
    files: [novaFile(context, 'nova-compute', [...baseSections(context), ...computeSections(context)])],
    volumes: [
      { volume: 'nova-compute', path: '/var/lib/nova', scope: 'node' },
      { volume: 'libvirt-run', path: '/run/libvirt', scope: 'node' },
      { volume: 'openvswitch-run', path: '/run/openvswitch', scope: 'node' },
    ],
    needs: {
      node: 'compute',
      hostNetwork: true,
      setuid: true,
      capabilities: [
        'AUDIT_WRITE',
        'CHOWN',
        'DAC_OVERRIDE',
        'DAC_READ_SEARCH',
        'FOWNER',
        'KILL',
        'NET_ADMIN',
        'SETGID',
        'SETPCAP',
        'SETUID',
        'SYS_ADMIN',
      ],
    },
    // It looks after all servers of its host before it listens.
    health: connectedHealth(5672, 'the message broker', { listening: '/tmp/listening', startSeconds: 300 }),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    after: [
      'process:rabbitmq',
      'process:libvirt',
      'process:openvswitch',
      'process:haproxy',
      'process:nova-conductor',
      'process:keystone-api',
      'process:placement-api',
      'task:keystone-registrations',
    ],
    reaches: everyReaches,
  });
}
