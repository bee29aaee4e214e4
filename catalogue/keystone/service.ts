import { catalogueEndpoint, type RenderContext } from '../../src/model/context.ts';
import { httpHealth, shellHealth } from '../../src/model/health.ts';
import { process } from '../../src/model/make.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type VolumeMount } from '../../src/model/workload.ts';
import { osloFile } from '../common/oslo-file.ts';
import { cacheSections, commonSections, databaseSection, messagingSections } from '../common/sections.ts';
import { uwsgiCommand, uwsgiFile } from '../common/uwsgi.ts';
import { bootstrapJob, keysJob, schemaJob } from './jobs.ts';

const keys: VolumeMount = { volume: 'keystone-keys', path: '/var/lib/keystone', scope: 'shared' };

/** What keystone.conf names. */
const reaches = ['mariadb', 'rabbitmq', 'memcached'];

export default defineService({
  name: 'keystone',
  summary: 'Identity: users, projects, roles, tokens, the catalogue of endpoints',
  byDefault: true,
  required: true,
  processNames: { 'keystone-api': { replicas: true, workers: true }, 'keystone-rotate': { replicas: false } },
  dataVolumes: ['keystone-keys'],
  configFiles: { 'keystone.conf': {} },
  declare: () => ({
    secrets: [
      { name: 'keystone-admin', kind: 'password' },
      { name: 'keystone-database', kind: 'password' },
      { name: 'keystone-broker', kind: 'password' },
      { name: 'keystone-fernet-0', kind: 'fernet' },
      { name: 'keystone-fernet-1', kind: 'fernet' },
      { name: 'keystone-credential-0', kind: 'fernet' },
      { name: 'keystone-credential-1', kind: 'fernet' },
    ],
    databases: [{ name: 'keystone', user: 'keystone', secret: 'keystone-database' }],
    brokerUsers: [{ user: 'keystone', secret: 'keystone-broker' }],
    frontends: [{ name: 'keystone', kind: 'http', process: 'keystone-api', port: 5000, publicPort: 5000 }],
  }),
  render: (context) => ({
    processes: [apiProcess(context), rotateProcess(context)],
    jobs: [keysJob(context, keys), schemaJob(context), bootstrapJob(context, keys)],
    tasks: [
      {
        name: 'keystone-registrations',
        service: 'keystone',
        action: {
          type: 'keystone.register',
          accounts: context.declared.accounts,
          endpoints: context.declared.endpoints.map((endpoint) => catalogueEndpoint(endpoint, context)),
          ...(context.retired.accounts.length > 0 ? { retired: context.retired.accounts } : {}),
        },
        after: ['process:keystone-api', 'job:keystone-bootstrap'],
      },
    ],
  }),
});

/** The sections every Keystone process and job reads. */
function keystoneSections(context: RenderContext): OsloSections[] {
  return [
    commonSections(context),
    cacheSections(context),
    messagingSections(context, 'keystone'),
    {
      database: databaseSection(context, 'keystone'),
      token: { provider: 'fernet', expiration: 3600 },
      fernet_tokens: { key_repository: `${keys.path}/fernet-keys`, max_active_keys: 4 },
      fernet_receipts: { key_repository: `${keys.path}/fernet-keys` },
      credential: { key_repository: `${keys.path}/credential-keys` },
    },
  ];
}

function apiProcess(context: RenderContext) {
  return process({
    name: 'keystone-api',
    service: 'keystone',
    image: 'keystone',
    command: uwsgiCommand,
    user: userOf('keystone'),
    files: [
      osloFile(context, {
        name: 'keystone.conf',
        process: 'keystone-api',
        gid: users.keystone,
        sections: keystoneSections(context),
      }),
      uwsgiFile({
        module: 'keystone.wsgi.api:application',
        port: 5000,
        workers: context.workers('keystone-api', Math.min(2, context.cores)),
        forked: true,
        gid: users.keystone,
        environment: { OS_KEYSTONE_CONFIG_FILES: `${CONFIG_DIR}/keystone.conf` },
      }),
    ],
    volumes: [keys],
    replicas: context.replicas('keystone-api'),
    update: 'rolling',
    ports: [{ name: 'api', port: 5000 }],
    health: httpHealth(5000, '/v3'),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    after: ['job:keystone-schema', 'job:keystone-keys', 'process:memcached'],
    reaches,
  });
}

/** Rotates the Fernet keys when the newest is older than the interval; tokens of the key before stay valid. */
function rotateProcess(context: RenderContext) {
  return process({
    name: 'keystone-rotate',
    service: 'keystone',
    image: 'keystone',
    command: ['/usr/local/bin/rotate-fernet-keys', String(context.rotation.fernetSeconds)],
    user: userOf('keystone'),
    files: [
      osloFile(context, {
        name: 'keystone.conf',
        process: 'keystone-rotate',
        gid: users.keystone,
        sections: keystoneSections(context),
      }),
    ],
    volumes: [keys],
    health: shellHealth("test -e /tmp/alive || { echo 'the first round has not run yet'; exit 1; }"),
    after: ['job:keystone-keys'],
    reaches,
  });
}
