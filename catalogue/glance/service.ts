import type { RenderContext } from '../../src/model/context.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { defineService } from '../../src/model/service.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import {
  authTokenSections,
  databaseSection,
  messagingSections,
  serviceCredentials,
} from '../common/sections.ts';
import { apiProcess, schemaJob } from '../common/workloads.ts';

const service = { service: 'glance', config: 'glance-api.conf' } as const;
const DATA = '/var/lib/glance';

export default defineService({
  name: 'glance',
  summary: 'Images of servers',
  byDefault: true,
  required: true,
  processNames: { 'glance-api': { replicas: true, workers: true } },
  dataVolumes: ['glance'],
  configFiles: { 'glance-api.conf': {} },
  declare: () =>
    usualNeeds('glance', {
      broker: true,
      api: { type: 'image', description: 'OpenStack Image', port: 9292 },
    }),
  gives: { imageStore: () => ({ serviceType: 'image', after: [], reaches: [] }) },
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...service,
        name: 'glance-api',
        sections: (own) => [
          messagingSections(own, 'glance'),
          authTokenSections(own, 'glance'),
          storeSections(own),
          { database: databaseSection(own, 'glance') },
        ],
        // It only sends notifications.
        later: ['identity', 'messaging'],
        wsgi: {
          module: 'glance.common.wsgi_app:init_app()',
          threads: 4,
          environment: { OS_GLANCE_CONFIG_DIR: CONFIG_DIR },
          // Image data comes in chunks of up to 64 MiB; a smaller limit makes snapshots hang.
          extra: { 'http-raw-body': 'true', 'chunked-input-limit': String(64 * 1024 * 1024) },
        },
        healthPath: '/versions',
        graceSeconds: 60,
        more: { volumes: [{ volume: 'glance', path: DATA, scope: 'shared', sizeGiB: 50 }] },
      }),
    ],
    jobs: [
      schemaJob(context, {
        ...service,
        databases: { database: 'glance' },
        command: (file) => ['glance-manage', '--config-file', file, 'db_sync'],
      }),
    ],
    tasks: [],
  }),
});

function storeSections(context: RenderContext): OsloSections {
  return {
    DEFAULT: {
      enabled_backends: 'files:file',
      show_image_direct_url: false,
      node_staging_uri: `file://${DATA}/staging`,
    },
    glance_store: { default_backend: 'files' },
    files: { filesystem_store_datadir: `${DATA}/images` },
    os_glance_staging_store: { filesystem_store_datadir: `${DATA}/staging` },
    os_glance_tasks_store: { filesystem_store_datadir: `${DATA}/tasks` },
    paste_deploy: { flavor: 'keystone', config_file: '/etc/glance/glance-api-paste.ini' },
    oslo_limit: serviceCredentials(context, 'glance'),
    oslo_concurrency: { lock_path: '/tmp' },
  };
}
