import type { RenderContext } from '../../src/model/context.ts';
import { httpHealth } from '../../src/model/health.ts';
import { job, process } from '../../src/model/make.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';
import { osloFile, osloJobFile } from '../common/oslo-file.ts';
import { schemaCommand } from '../common/schema.ts';
import {
  authTokenSections,
  commonSections,
  databaseSection,
  KEYSTONE_URL,
  messagingSections,
  serviceCredentials,
} from '../common/sections.ts';
import { uwsgiCommand, uwsgiFile } from '../common/uwsgi.ts';

const DATA = '/var/lib/glance';

export default defineService({
  name: 'glance',
  summary: 'Images of servers',
  byDefault: true,
  required: true,
  processNames: { 'glance-api': { replicas: true, workers: true } },
  dataVolumes: ['glance'],
  configFiles: { 'glance-api.conf': {} },
  declare: () => ({
    secrets: [
      { name: 'glance-account', kind: 'password' },
      { name: 'glance-database', kind: 'password' },
      { name: 'glance-broker', kind: 'password' },
    ],
    databases: [{ name: 'glance', user: 'glance', secret: 'glance-database' }],
    brokerUsers: [{ user: 'glance', secret: 'glance-broker' }],
    accounts: [{ user: 'glance', secret: 'glance-account', roles: ['admin', 'service'] }],
    endpoints: [
      {
        service: 'glance',
        type: 'image',
        description: 'OpenStack Image',
        frontend: 'glance',
        path: '',
      },
    ],
    frontends: [{ name: 'glance', kind: 'http', process: 'glance-api', port: 9292, publicPort: 9292 }],
  }),
  render: (context) => ({
    processes: [apiProcess(context)],
    jobs: [
      job({
        name: 'glance-schema',
        service: 'glance',
        image: 'glance',
        command: schemaCommand(
          `${CONFIG_DIR}/glance-api.conf`,
          ['glance'],
          ['glance-manage', '--config-file', `${CONFIG_DIR}/glance-api.conf`, 'db_sync'],
        ),
        user: userOf('glance'),
        files: [
          osloJobFile(context, {
            name: 'glance-api.conf',
            job: 'glance-schema',
            gid: users.glance,
            sections: [{ database: databaseSection(context, 'glance', { patient: true }) }],
          }),
        ],
        after: ['process:mariadb'],
        reaches: ['mariadb'],
      }),
    ],
    tasks: [],
  }),
});

function apiProcess(context: RenderContext) {
  return process({
    name: 'glance-api',
    service: 'glance',
    image: 'glance',
    command: uwsgiCommand,
    user: userOf('glance'),
    files: [
      osloFile(context, {
        name: 'glance-api.conf',
        process: 'glance-api',
        gid: users.glance,
        sections: [
          commonSections(context),
          messagingSections(context, 'glance'),
          authTokenSections(context, 'glance'),
          storeSections(context),
          { database: databaseSection(context, 'glance') },
        ],
      }),
      uwsgiFile({
        module: 'glance.common.wsgi_app:init_app()',
        port: 9292,
        workers: context.workers('glance-api', 1),
        threads: 4,
        gid: users.glance,
        environment: { OS_GLANCE_CONFIG_DIR: CONFIG_DIR },
        // Image data comes in chunks of up to 64 MiB; a smaller limit makes snapshots hang.
        extra: { 'http-raw-body': 'true', 'chunked-input-limit': String(64 * 1024 * 1024) },
      }),
    ],
    volumes: [{ volume: 'glance', path: DATA, scope: 'shared', sizeGiB: 50 }],
    replicas: context.replicas('glance-api'),
    update: 'rolling',
    ports: [{ name: 'api', port: 9292 }],
    health: httpHealth(9292, '/versions'),
    stop: { signal: 'SIGTERM', graceSeconds: 60 },
    after: ['job:glance-schema', 'process:memcached'],
    reaches: ['mariadb', 'rabbitmq', 'memcached', 'keystone'],
  });
}

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
    oslo_limit: { ...serviceCredentials(context, 'glance'), auth_url: KEYSTONE_URL },
    oslo_concurrency: { lock_path: '/tmp' },
  };
}
