import type { RenderContext } from '../../src/model/context.ts';
import type { ServiceDeclaration } from '../../src/model/declaration.ts';
import { httpHealth, shellHealth } from '../../src/model/health.ts';
import { file, job, jsonFile, process } from '../../src/model/make.ts';
import type { Offers } from '../../src/model/offers.ts';
import { instanceName } from '../../src/model/per-device.ts';
import { defineService } from '../../src/model/service.ts';
import { taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type Process, type RenderedFile } from '../../src/model/workload.ts';
import { OBJECT_PORT as PORT, RESELLER_ADMIN } from '../common/object-store.ts';
import { databaseUrl } from '../common/sections.ts';
import { checkSettings } from './check-settings.ts';
import {
  eventsFile,
  eventTopic,
  internalClientSections,
  proxySections,
  reconcilerSections,
  rsyncFile,
  serverSections,
  swiftSections,
} from './config.ts';
import { daemons, PORTS, RINGS_FILE, RSYNC_PORT, reconciler, reconstructor, ringDaemon } from './daemons.ts';
import { fixedPasteFile, pasteFile } from './paste.ts';
import { policiesOf } from './policies.ts';
import { KEY_PROJECT, rootKeyJob, usesBarbican } from './root-key.ts';
import {
  devicesOf,
  hasZones,
  isDrained,
  placeOf,
  replicasOf,
  type SwiftSettings,
  settings,
} from './settings.ts';

const STORAGE = 'swift-storage';
/** Where a storage process has its device, and what the rings call it. */
const DEVICE = 'disk';
const RSYNC_FILE = `${CONFIG_DIR}/rsyncd.conf`;
/**
 * How many times its share by weight a volume may get on top of it so that copies are in different zones: whatever that
 * takes. Without it, a zone of two volumes gets two copies of some objects, and one of a single volume none.
 */
const OVERLOAD = 100;
const RUN_FILE = `${CONFIG_DIR}/run.json`;
/** Of each there is a server; rings are one of each, and one of objects for each further policy. */
const kinds = ['account', 'container', 'object'] as const;

type Context = RenderContext<SwiftSettings>;
type Server = { apps: string[]; workers: number } | { program: string[] };
type Pass = (typeof daemons)[number] | typeof reconstructor | typeof reconciler | typeof ringDaemon;

const common = {
  service: 'swift',
  image: 'swift',
  user: userOf('swift'),
  tmpfs: ['/tmp', '/run/swift'],
};

const api: Offers['objects'] = {
  serviceType: 'object-store',
  after: ['process:swift-proxy'],
  reaches: ['swift'],
};

const EVENTS_SECRET = 'swift-broker';

export default defineService({
  name: 'swift',
  summary: 'Containers of objects',
  byDefault: false,
  required: false,
  processNames: {
    'swift-proxy': { replicas: true, workers: true },
    [STORAGE]: { replicas: false, perDevice: (settings) => devicesOf({ settings }) },
  },
  configFiles: Object.fromEntries(['proxy', ...kinds].map((name) => [`${name}-server.conf`, {}])),
  settings,
  checkSettings,
  declare: ({ settings: { storage } }): ServiceDeclaration => ({
    ...(storage.swift.events ? { brokerUsers: [{ user: 'swift', secret: EVENTS_SECRET }] } : {}),
    secrets: [
      ...(storage.swift.events ? [{ name: EVENTS_SECRET, kind: 'password' as const }] : []),
      { name: 'swift-account', kind: 'password' },
      { name: 'swift-database', kind: 'password' },
      { name: 'swift-hash-prefix', kind: 'hex' },
      { name: 'swift-hash-suffix', kind: 'hex' },
      { name: 'swift-encryption-root', kind: 'hex' },
    ],
    databases: [{ name: 'swift', user: 'swift', secret: 'swift-database' }],
    accounts: [
      {
        user: 'swift',
        secret: 'swift-account',
        roles: ['service'],
        assignments: [{ roles: ['member'], scope: { project: KEY_PROJECT } }],
      },
    ],
    roles: [{ name: RESELLER_ADMIN, administrator: true }],
    endpoints: [
      {
        service: 'swift',
        type: 'object-store',
        description: 'OpenStack Object Storage',
        frontend: 'swift',
        path: '/v1/AUTH_%(project_id)s',
      },
    ],
    frontends: [
      {
        name: 'swift',
        kind: 'http',
        process: 'swift-proxy',
        port: PORT,
        publicPort: PORT,
        check: { path: '/healthcheck', status: 200 },
        // Uploads and downloads of slow clients keep theirs for long; one worker takes 1024.
        connections: 1000,
      },
    ],
  }),
  gives: {
    objects: () => api,
    objectStore: (context) => ({
      ...api,
      settling: {
        processes: devicesOf(context).map((device) => instanceName(STORAGE, device)),
        rounds: [
          ['settle-lists', 'updates'],
          ['settle-lists', 'lists'],
        ],
      },
    }),
  },
  givesUsers: ['objects', 'objectStore'],
  render: (context) => ({
    processes: [taking(context, proxy, ['identity', 'keyManager', 'messaging']), taking(context, storage)],
    jobs: [
      taking(context, (own) => ringJob(own, context.offered('keyManager') !== undefined)),
      ...(usesBarbican(context) ? [taking(context, rootKeyJob)] : []),
    ],
    tasks: [],
  }),
});

function proxy(context: Context): Process {
  const hasPolicies = policiesOf(context).length > 1;
  return process({
    ...common,
    name: 'swift-proxy',
    command: ['run-swift', RUN_FILE],
    files: [
      swiftFile(context),
      pasteFile(context, {
        name: 'proxy-server.conf',
        process: 'swift-proxy',
        sections: proxySections(context, PORT),
      }),
      ...(hasPolicies
        ? [
            fixedPasteFile('container-reconciler.conf', reconcilerSections()),
            fixedPasteFile('internal-client.conf', internalClientSections()),
          ]
        : []),
      ...(eventTopic(context) === undefined ? [] : [eventsFile(context)]),
      runFile(context, {
        servers: [{ apps: ['proxy-server'], workers: context.workers('swift-proxy', 1) }],
        daemons: hasPolicies ? [ringDaemon, reconciler] : [ringDaemon],
      }),
    ],
    replicas: context.replicas('swift-proxy'),
    update: 'rolling',
    ports: [{ name: 'api', port: PORT }],
    health: httpHealth(PORT, '/healthcheck'),
    stop: { signal: 'SIGTERM', graceSeconds: 60 },
    after: [
      'job:swift-rings',
      ...(usesBarbican(context) ? ['job:swift-root-key' as const] : []),
      `process:${STORAGE}`,
    ],
    reaches: [STORAGE],
  });
}

/** All that is about one device: what it costs to import is paid once. */
function storage(context: Context): Process {
  const isCoded = policiesOf(context).some(({ fragments }) => fragments);
  return process({
    ...common,
    name: STORAGE,
    command: ['run-swift', RUN_FILE],
    files: [
      swiftFile(context),
      ...kinds.map((kind) =>
        pasteFile(context, {
          name: `${kind}-server.conf`,
          process: STORAGE,
          sections: serverSections(context, kind, PORTS[kind]),
        }),
      ),
      file(RSYNC_FILE, rsyncFile(), { gid: users.swift }),
      fixedPasteFile('internal-client.conf', internalClientSections()),
      runFile(context, {
        servers: [
          // They wait for one disk: what another process for each would cost in memory buys nothing.
          { apps: kinds.map((kind) => `${kind}-server`), workers: 1 },
          { program: ['rsync', '--daemon', '--no-detach', `--config=${RSYNC_FILE}`] },
        ],
        daemons: isCoded ? [...daemons, reconstructor] : daemons,
        device: `/srv/node/${DEVICE}`,
      }),
    ],
    on: ['control', 'storage'],
    spread: 'perDevice',
    perDevice: { devices: devicesOf(context), path: `/srv/node/${DEVICE}` },
    ports: [...kinds.map((kind) => ({ name: kind, port: PORTS[kind] })), { name: 'rsync', port: RSYNC_PORT }],
    health: shellHealth(
      kinds.map((kind) => `(${httpHealth(PORTS[kind], '/healthcheck').command[2]}) || exit 1`).join('\n'),
    ),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    after: ['job:swift-rings'],
    reaches: [STORAGE],
  });
}

/** Brings the rings to what the devices are now. It is the one that can refuse before anything begins (see forecast.ts). */
function ringJob(context: Context, keyManager: boolean): Job {
  const { partPower, minPartHours } = context.settings.storage.swift;
  const wanted = {
    database: databaseUrl(context, 'swift'),
    partPower,
    minPartHours,
    overload: hasZones(context) ? OVERLOAD : 0,
    keyManager,
    rings: ringsOf(context),
    devices: devicesOf(context).map((device, index) => ({
      id: instanceName(STORAGE, device),
      host: `${instanceName(STORAGE, device)}${context.domain}`,
      device: DEVICE,
      ports: PORTS,
      ...placeOf(context, index),
      weight: isDrained(context, index) ? 0 : 100,
    })),
  };
  return job({
    ...common,
    name: 'swift-rings',
    command: ['build-rings', RINGS_FILE],
    files: [jsonFile(RINGS_FILE, wanted, { gid: users.swift }), swiftFile(context)],
  });
}

/** By name, in how many places each has what it is about, and in what form. */
function ringsOf(context: Context): Record<string, { replicas: number; form: string }> {
  return Object.fromEntries([
    ...kinds.map((name) => [name, { replicas: replicasOf(context), form: 'copies' }]),
    ...policiesOf(context)
      .filter(({ index }) => index > 0)
      .map(({ index, places, fragments }) => [
        `object-${index}`,
        { replicas: places, form: fragments ? `fragments ${fragments.data}+${fragments.parity}` : 'copies' },
      ]),
  ]);
}

/** What run-swift is given. */
function runFile(
  context: Context,
  { servers, daemons, ...more }: { servers: Server[]; daemons: readonly Pass[]; device?: string },
): RenderedFile {
  const inConfig = (name: string) => `${CONFIG_DIR}/${name}`;
  const content = {
    database: databaseUrl(context, 'swift'),
    rings: Object.keys(ringsOf(context)),
    servers: servers.map((server) =>
      'apps' in server
        ? { ...server, apps: server.apps.map((app) => ({ app, config: inConfig(`${app}.conf`) })) }
        : server,
    ),
    daemons: daemons.map((one) => ('config' in one ? { ...one, config: inConfig(one.config) } : one)),
    ...more,
  };
  return jsonFile(RUN_FILE, content, { gid: users.swift });
}

function swiftFile(context: Context): RenderedFile {
  return fixedPasteFile('swift.conf', swiftSections(context));
}
