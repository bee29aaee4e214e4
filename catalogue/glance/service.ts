import type { RenderContext } from '../../src/model/context.ts';
import { mergeDeclarations } from '../../src/model/declaration.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { defineService } from '../../src/model/service.ts';
import { taking } from '../../src/model/take.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import {
  authTokenSections,
  databaseSection,
  keyManagerSections,
  messagingSections,
} from '../common/sections.ts';
import { apiProcess, schemaJob } from '../common/workloads.ts';
import { URL_KEY } from './names.ts';
import { checkSettings, type GlanceSettings, settings, usesPool } from './settings.ts';
import {
  DATA,
  hasStores,
  hasSwiftStore,
  imageUrls,
  locationSections,
  pipelines,
  poolProcess,
  storeFiles,
  storeSections,
  storesJob,
  urlKeysJob,
  usesSwift,
} from './stores.ts';

const service = { service: 'glance', config: 'glance-api.conf' } as const;
const API = 'glance-api';
/** The same for services that open the pool themselves: no front end leads there, and so no user. */
const INTERNAL = 'glance-internal';
const INTERNAL_PORT = 9293;

type Context = RenderContext<GlanceSettings>;

export default defineService({
  name: 'glance',
  summary: 'Images of servers',
  byDefault: true,
  required: true,
  processNames: {
    [API]: { replicas: true, workers: true },
    [INTERNAL]: { replicas: false, workers: true, bySettings: true },
  },
  dataVolumes: ['glance'],
  configFiles: { 'glance-api.conf': {} },
  settings,
  checkSettings,
  declare: (context) =>
    mergeDeclarations(
      usualNeeds('glance', {
        broker: true,
        api: { type: 'image', description: 'OpenStack Image', port: 9292 },
      }),
      hasSwiftStore(context) ? { secrets: [{ name: URL_KEY, kind: 'hex' }] } : {},
    ),
  gives: {
    imageStore: (context) => ({ serviceType: 'image', urls: imageUrls(context), after: [], reaches: [] }),
    imageLocations: (context) => {
      if (!hasInternal(context)) return undefined;
      const [host] = context.hosts(INTERNAL);
      return { url: `http://${host}:${INTERNAL_PORT}`, after: [`process:${INTERNAL}`], reaches: [INTERNAL] };
    },
  },
  render: (context) => ({
    processes: [api(context, API), ...(hasInternal(context) ? [internalApi(context)] : [])],
    jobs: [
      ...(hasStores(context) ? [taking(context, storesJob)] : []),
      ...(usesSwift(context) ? [taking(context, urlKeysJob)] : []),
      schemaJob(context, {
        ...service,
        databases: { database: 'glance' },
        command: (file) => ['glance-manage', '--config-file', file, 'db_sync'],
      }),
    ],
    tasks: [],
  }),
});

/** Whether images are in a pool, and somebody opens it for more than that. */
function hasInternal(context: Context): boolean {
  const opener = context.offered('blockStorage') ?? context.offered('serverDisks');
  return usesPool(context.settings) && opener !== undefined;
}

function internalApi(context: Context): Process {
  const made = api(context, INTERNAL, locationSections);
  // nova-compute is on the node's own network.
  return { ...made, update: 'recreate', needs: { ...made.needs, reachableFromNode: true } };
}

function api(
  context: Context,
  name: string,
  sections: OsloSections = { DEFAULT: { show_image_direct_url: false } },
): Process {
  return apiProcess(context, {
    ...service,
    name,
    port: INTERNAL_PORT,
    sections: (own) => [
      messagingSections(own, 'glance'),
      authTokenSections(own, 'glance'),
      storeSections(own),
      sections,
      // Certificates that images are signed by.
      keyManagerSections(own, {}),
      { database: databaseSection(own, 'glance') },
    ],
    // It only sends notifications, and logs in or takes keys when it is asked something.
    later: ['identity', 'keyManager', 'messaging', 'objectStore'],
    wsgi: {
      module: 'glance.common.wsgi_app:init_app()',
      threads: 4,
      environment: { OS_GLANCE_CONFIG_DIR: CONFIG_DIR },
      // Image data comes in chunks of up to 64 MiB; a smaller limit makes snapshots hang.
      extra: { 'http-raw-body': 'true', 'chunked-input-limit': String(64 * 1024 * 1024) },
    },
    pipelines,
    healthPath: '/versions',
    graceSeconds: 60,
    files: storeFiles,
    after: hasStores(context) ? ['job:glance-stores'] : [],
    more: {
      volumes: [{ volume: 'glance', path: DATA, scope: 'shared', sizeGiB: 50 }],
      ...poolProcess(context),
    },
  });
}
