import { administrator } from '../../src/model/cloud-users.ts';
import { catalogueEndpoint, publicUrl, type RenderContext } from '../../src/model/context.ts';
import { shellHealth } from '../../src/model/health.ts';
import { process } from '../../src/model/make.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { defineService } from '../../src/model/service.ts';
import { duration, section } from '../../src/model/settings/fields.ts';
import type { SettingsOf } from '../../src/model/settings/settings.ts';
import { parseDuration } from '../../src/model/settings/units.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type VolumeMount } from '../../src/model/workload.ts';
import { osloFile } from '../common/oslo-file.ts';
import { cacheSections, commonSections, databaseSection, messagingSections } from '../common/sections.ts';
import { apiProcess, schemaJob } from '../common/workloads.ts';
import { bootstrapJob, keysJob } from './jobs.ts';

const service = { service: 'keystone', config: 'keystone.conf' } as const;

const PORT = 5000;
const INTERNAL_URL = `http://keystone:${PORT}`;
const VERSION = '/v3';

const keys: VolumeMount = { volume: 'keystone-keys', path: '/var/lib/keystone', scope: 'shared' };

const settings = {
  rotation: section({
    fernet: duration('1m').default('24h').describe("How often Keystone's token keys are rotated."),
  }).describe('How often keys are changed.'),
};

export default defineService({
  name: 'keystone',
  summary: 'Identity: users, projects, roles, tokens, the catalogue of endpoints',
  byDefault: true,
  required: true,
  processNames: { 'keystone-api': { replicas: true, workers: true }, 'keystone-rotate': { replicas: false } },
  dataVolumes: ['keystone-keys'],
  configFiles: { 'keystone.conf': {} },
  settings,
  declare: () => ({
    secrets: [
      { name: administrator.secret, kind: 'password' },
      { name: 'keystone-database', kind: 'password' },
      { name: 'keystone-broker', kind: 'password' },
      { name: 'keystone-fernet-0', kind: 'fernet' },
      { name: 'keystone-fernet-1', kind: 'fernet' },
      { name: 'keystone-credential-0', kind: 'fernet' },
      { name: 'keystone-credential-1', kind: 'fernet' },
    ],
    databases: [{ name: 'keystone', user: 'keystone', secret: 'keystone-database' }],
    brokerUsers: [{ user: 'keystone', secret: 'keystone-broker' }],
    // Made by the bootstrap, whose arguments say the same.
    endpoints: [
      {
        service: 'keystone',
        type: 'identity',
        description: 'OpenStack Identity',
        frontend: 'keystone',
        path: VERSION,
      },
    ],
    frontends: [{ name: 'keystone', kind: 'http', process: 'keystone-api', port: PORT, publicPort: PORT }],
  }),
  gives: {
    identity: (context) => {
      const { after } = take(context, 'frontDoor');
      return {
        url: INTERNAL_URL,
        publicUrl: publicUrl(context, 'keystone', PORT),
        login: {
          url: `${INTERNAL_URL}${VERSION}`,
          publicUrl: publicUrl(context, 'keystone', PORT, VERSION),
          process: 'keystone-api',
          port: PORT,
        },
        after: [...after, 'task:keystone-registrations'],
        reaches: ['keystone'],
      };
    },
  },
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...service,
        name: 'keystone-api',
        sections: keystoneSections,
        // It only sends notifications.
        later: ['messaging'],
        workers: Math.min(2, context.cores),
        wsgi: {
          module: 'keystone.wsgi.api:application',
          forked: true,
          environment: { OS_KEYSTONE_CONFIG_FILES: `${CONFIG_DIR}/keystone.conf` },
        },
        healthPath: VERSION,
        after: ['job:keystone-keys'],
        more: { volumes: [keys] },
      }),
      taking(context, rotateProcess, ['messaging']),
    ],
    jobs: [
      keysJob(context, keys),
      schemaJob(context, {
        ...service,
        databases: { database: 'keystone' },
        command: (file) => ['keystone-manage', '--config-file', file, 'db_sync'],
      }),
      taking(context, (own) => bootstrapJob(own, keys)),
    ],
    tasks: [
      {
        name: 'keystone-registrations',
        service: 'keystone',
        action: {
          type: 'identity.register',
          accounts: context.declared.accounts,
          endpoints: context.declared.endpoints
            .filter(({ service }) => service !== 'keystone')
            .map((endpoint) => catalogueEndpoint(endpoint, context)),
          ...(context.declared.roles.length > 0 ? { roles: context.declared.roles } : {}),
          ...(context.retired.accounts.length > 0 ? { retired: context.retired.accounts } : {}),
        },
        after: ['process:keystone-api', 'job:keystone-bootstrap'],
      },
    ],
  }),
});

/** What every process of Keystone reads. */
function keystoneSections(context: RenderContext): OsloSections[] {
  return [
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

/** Rotates the Fernet keys when the newest is older than the interval; tokens of the key before stay valid. */
function rotateProcess(context: RenderContext<SettingsOf<typeof settings>>) {
  return process({
    name: 'keystone-rotate',
    service: 'keystone',
    image: 'keystone',
    command: ['/usr/local/bin/rotate-fernet-keys', String(parseDuration(context.settings.rotation.fernet))],
    user: userOf('keystone'),
    files: [
      osloFile(context, {
        name: 'keystone.conf',
        process: 'keystone-rotate',
        gid: users.keystone,
        sections: [commonSections(context), ...keystoneSections(context)],
      }),
    ],
    volumes: [keys],
    health: shellHealth("test -e /tmp/alive || { echo 'the first round has not run yet'; exit 1; }"),
    after: ['job:keystone-keys'],
  });
}
