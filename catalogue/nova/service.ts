import { type RenderContext, spansNodes } from '../../src/model/context.ts';
import { mergeDeclarations } from '../../src/model/declaration.ts';
import { connectedHealth, tcpHealth } from '../../src/model/health.ts';
import { process } from '../../src/model/make.ts';
import { literal, type OsloSections } from '../../src/model/oslo.ts';
import { defineService } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process, type Ref, type RenderedFile } from '../../src/model/workload.ts';
import { pipelinesFile } from '../common/audit.ts';
import { exportMounts } from '../common/export-mount.ts';
import { usualNeeds } from '../common/needs.ts';
import { makeNodeCertificate, nodeCertificateFiles } from '../common/node-certificate.ts';
import { osloOnNode } from '../common/node-name.ts';
import { transportUrl } from '../common/sections.ts';
import type { WsgiOptions } from '../common/uwsgi.ts';
import { apiProcess, rpcWorker, schemaJob } from '../common/workloads.ts';
import {
  apiSections,
  baseSections,
  computeSections,
  databaseSections,
  filterSections,
  groupReaders,
  METADATA_SECRET,
  novaFile,
  PROXY_CERTIFICATES,
  pipelines,
  proxySections,
  reservedMemoryMiB,
  vncSections,
} from './config.ts';
import { DISKS_JOB, diskFiles, diskPool, disksJob, mayHavePool, STATE, whenDisksAnswer } from './disks.ts';
import { checkSettings, cpuSets, type NovaSettings, settings } from './settings.ts';
import { answeredTo, traces, volumeRecords } from './traces.ts';
import { vendorDataFiles, vendorDataSections } from './vendor-data.ts';

const service = { service: 'nova', config: 'nova.conf' } as const;

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
  settings,
  cpuSets,
  checkSettings,
  declare: ({ settings: { compute } }) =>
    mergeDeclarations(
      usualNeeds('nova', {
        databases: ['nova', 'nova_api', 'nova_cell0'],
        broker: true,
        api: { type: 'compute', description: 'OpenStack Compute', port: 8774, path: '/v2.1' },
      }),
      {
        secrets: [{ name: METADATA_SECRET, kind: 'password' }],
        hypervisors: [{ virtType: compute.virtType, reservedMemoryMiB: reservedMemoryMiB(compute) }],
        frontends: [
          { name: 'metadata', kind: 'http', process: 'nova-metadata', port: 8775 },
          {
            name: 'novnc',
            kind: 'http',
            process: 'nova-novncproxy',
            port: 6080,
            publicPort: 6080,
            tunnel: true,
          },
        ],
      },
    ),
  gives: {
    serverDisks: (context) => {
      const pool = diskPool(context);
      return pool && { client: pool.clients.servers, after: [], reaches: [] };
    },
    compute: () => ({
      serviceType: 'compute',
      account: 'nova',
      traces,
      volumeRecords,
      after: [],
      reaches: [],
    }),
    metadata: () => ({
      host: 'metadata',
      port: 8775,
      secret: METADATA_SECRET,
      after: ['process:nova-metadata'],
      reaches: ['metadata'],
    }),
  },
  render: (context) => ({
    processes: [
      api(context, {
        name: 'nova-api',
        module: 'nova.wsgi.osapi_compute:application',
        preload: ['nova.api.openstack.compute.routes'],
        workers: Math.min(2, context.cores),
      }),
      api(context, {
        name: 'nova-metadata',
        module: 'nova.wsgi.metadata:application',
        preload: ['nova.api.metadata.handler'],
        // Neutron's agent says for which server it asks. Why a server has no metadata, `explain server` reads from here.
        logRequests: {
          with: 'HTTP_X_INSTANCE_ID',
          format: `%(method) %(uri) ${answeredTo('%(var.HTTP_X_INSTANCE_ID)')}%(status)`,
        },
        workers: 1,
        more: vendorDataSections,
        files: vendorDataFiles,
      }),
      rpcWorker(context, {
        ...service,
        name: 'nova-conductor',
        sections: (own) => [
          ...baseSections(own),
          databaseSections(own),
          { conductor: { workers: own.workers('nova-conductor', 1) } },
        ],
      }),
      rpcWorker(context, {
        ...service,
        name: 'nova-scheduler',
        sections: (own) => [
          ...baseSections(own),
          databaseSections(own),
          {
            // By default the scheduler begins to look for compute hosts at some moment of its first minute.
            DEFAULT: { periodic_fuzzy_delay: 0 },
            scheduler: {
              workers: own.workers('nova-scheduler', 1),
              // A new compute host becomes usable by itself within this many seconds.
              discover_hosts_in_cells_interval: 2,
            },
          },
          filterSections(own),
        ],
      }),
      taking(context, novncproxy, ['identity', 'keyManager', 'messaging']),
      taking(context, (own) => compute(own, mayHavePool(context) ? [`job:${DISKS_JOB}`] : []), [
        'keyManager',
      ]),
    ],
    jobs: [
      schemaJob(context, {
        ...service,
        databases: { api_database: 'nova_api', database: 'nova' },
        names: ['nova_api', 'nova_cell0', 'nova'],
        // For the cells, which are told of the broker.
        sections: (own) => [{ DEFAULT: { transport_url: literal(transportUrl(own, 'nova')) } }],
        // Cells are told of each broker by a template.
        inputs: (own) => ({ brokers: take(own, 'messaging').hosts.length }),
        later: ['messaging'],
        command: (file) => ['/usr/local/bin/sync-databases', file],
      }),
      ...(mayHavePool(context) ? [taking(context, disksJob)] : []),
    ],
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
  workers: number;
  /** What it has beside what both have. */
  more?(context: RenderContext): OsloSections;
  files?(context: RenderContext): RenderedFile[];
}

function api(context: RenderContext, { name, workers, more = () => ({}), files, ...wsgi }: Api): Process {
  return apiProcess(context, {
    ...service,
    name,
    sections: (own) => [...baseSections(own), ...apiSections(own), vncSections(own), more(own)],
    ...(files ? { files } : {}),
    pipelines,
    // It logs in to Keystone as it starts, and ends when it is refused.
    later: ['keyManager'],
    workers,
    wsgi: {
      ...wsgi,
      preload: [...preload, ...wsgi.preload],
      // The first one is where the application looks for its pipelines.
      environment: {
        OS_NOVA_CONFIG_FILES: `${pipelinesFile(context, pipelines)};${CONFIG_DIR}/nova.conf`,
      },
    },
  });
}

/** It has to do with Keystone and the broker only when somebody looks at a screen: it does not wait for them. */
function novncproxy(context: RenderContext): Process {
  const command = [
    'nova-novncproxy',
    '--config-file',
    `${CONFIG_DIR}/nova.conf`,
    '--web',
    '/usr/share/novnc',
  ];
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
  });
}

function compute(context: RenderContext<NovaSettings>, disks: Ref[]): Process {
  const { hypervisor: network } = context.networkDriver();
  return process({
    name: 'nova-compute',
    service: 'nova',
    image: diskPool(context) ? 'nova-compute-rbd' : 'nova-compute',
    command: [
      ...whenDisksAnswer(context),
      '/usr/local/bin/start-nova-compute',
      context.settings.compute.virtType,
    ],
    user: userOf('nova'),
    files: [novaFile(context, 'nova-compute', computeSections(context)), ...diskFiles(context)],
    volumes: [STATE, ...exportMounts(context), take(context, 'hypervisor').socket, ...network.volumes],
    on: ['compute'],
    spread: 'perNode',
    needs: {
      ...osloOnNode,
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
    // It tells Placement what it has as it starts.
    after: [...network.after, 'process:nova-conductor', ...take(context, 'placement').after, ...disks],
  });
}
