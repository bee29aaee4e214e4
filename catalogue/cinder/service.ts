import type { RenderContext } from '../../src/model/context.ts';
import { mergeDeclarations } from '../../src/model/declaration.ts';
import { job, jsonFile } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type Process } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import { serviceLogin } from '../common/sections.ts';
import { apiProcess, rpcWorker, schemaJob } from '../common/workloads.ts';
import {
  accessFiles,
  accessMounts,
  apiSections,
  BACKUP_PROJECT,
  BACKUP_USER,
  backendProcess,
  backupSections,
  baseSections,
  ENCRYPTED,
  groupReaders,
  pipelines,
  STATE,
  volumeSections,
} from './config.ts';
import { type Backend, type CinderSettings, checkSettings, exportsOf, has, settings } from './settings.ts';

type Context = RenderContext<CinderSettings>;

const service = { service: 'cinder', config: 'cinder.conf' } as const;
const API_TYPE = 'block-storage';
const BACKUP_SECRET = 'cinder-backup-account';
const TYPE_FILE = `${CONFIG_DIR}/volume-types.json`;

export default defineService({
  name: 'cinder',
  summary: 'Volumes of servers',
  byDefault: false,
  required: false,
  processNames: {
    'cinder-api': { replicas: true, workers: true },
    'cinder-scheduler': { replicas: true },
    'cinder-volume': { replicas: false, bySettings: true },
    'cinder-volume-nfs': { replicas: false, bySettings: true },
    'cinder-backup': { replicas: false },
  },
  configFiles: { 'cinder.conf': { groupReaders } },
  settings,
  checkSettings,
  declare: () =>
    mergeDeclarations(
      usualNeeds('cinder', {
        broker: true,
        api: { type: API_TYPE, description: 'OpenStack Block Storage', port: 8776, path: '/v3' },
      }),
      {
        secrets: [{ name: BACKUP_SECRET, kind: 'password' }],
        accounts: [
          {
            user: BACKUP_USER,
            secret: BACKUP_SECRET,
            roles: [],
            assignments: [{ roles: ['member'], scope: { project: BACKUP_PROJECT } }],
          },
        ],
      },
    ),
  gives: {
    blockStorage: ({ settings }) => ({
      serviceType: API_TYPE,
      traces: { logs: [...backendsOf(settings).map((name) => backendProcess[name]), 'cinder-scheduler'] },
      connections: has(settings, 'ceph')
        ? {
            process: backendProcess.ceph,
            command: ['renew-connections', `${CONFIG_DIR}/cinder.conf`, 'ceph'],
          }
        : undefined,
      exports: exportsOf(settings),
      after: [],
      reaches: [],
    }),
  },
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...service,
        name: 'cinder-api',
        sections: (own) => [...baseSections(own), ...apiSections(own)],
        wsgi: { module: 'cinder.wsgi.api:application', environment: {} },
        pipelines,
        healthPath: '/healthcheck',
      }),
      rpcWorker(context, { ...service, name: 'cinder-scheduler', sections: baseSections }),
      ...backendsOf(context.settings).map((name) => backend(context, name)),
      ...(context.offered('objects') ? [backup(context)] : []),
    ],
    jobs: [
      schemaJob(context, {
        ...service,
        databases: { database: 'cinder' },
        command: (file) => ['cinder-manage', '--config-file', file, 'db', 'sync'],
      }),
      taking(context, volumeTypeJob, ['keyManager']),
    ],
    tasks: [],
  }),
});

function backendsOf({ storage }: CinderSettings): Backend[] {
  return storage.cinder.backends;
}

function backend(context: Context, name: Backend): Process {
  return rpcWorker(context, {
    ...service,
    name: backendProcess[name],
    program: 'cinder-volume',
    sections: (own) => [...baseSections(own), ...volumeSections(own, name)],
    files: accessFiles,
    replicas: 1,
    // What is under way ends, such as an image that becomes a volume.
    graceSeconds: 60,
    more: { update: 'recreate', scratch: [STATE], volumes: accessMounts(context) },
  });
}

/** There where backups have somewhere to go. It reads and writes volumes by itself. */
function backup(context: Context): Process {
  return rpcWorker(context, {
    ...service,
    name: 'cinder-backup',
    sections: (own) => [...baseSections(own), ...backupSections(own)],
    files: accessFiles,
    replicas: 1,
    // Swift, and what makes its users, are asked for when there is something to keep.
    later: ['keyManager', 'objects'],
    graceSeconds: 60,
    more: {
      update: 'recreate',
      scratch: [STATE],
      volumes: accessMounts(context),
      command: backupCommand,
    },
  });
}

/** What pieces of volumes were in goes back to the system: glibc would keep it for the threads that they are handled by. */
const backupCommand = [
  'env',
  'MALLOC_MMAP_THRESHOLD_=131072',
  'MALLOC_ARENA_MAX=2',
  'cinder-backup',
  '--config-file',
  `${CONFIG_DIR}/cinder.conf`,
];

const descriptions: Record<Backend, string> = { ceph: 'Block devices of Ceph', nfs: 'Files on NFS' };
const encryptedType = {
  name: ENCRYPTED,
  description: `${descriptions.ceph}, encrypted where servers run`,
  extra_specs: { volume_backend_name: 'ceph' },
};
/** By QEMU's own LUKS, in what runs the server: Ceph and its network see nothing else. */
const encryption = {
  provider: 'luks',
  cipher: 'aes-xts-plain64',
  key_size: 256,
  control_location: 'front-end',
};

/** Makes the types, one of which volumes have unless another is asked for: without it, none could be made. */
function volumeTypeJob(context: Context): Job {
  const encrypts = has(context.settings, 'ceph') && context.offered('keyManager') !== undefined;
  const wanted = {
    login: serviceLogin(context, 'cinder'),
    serviceType: API_TYPE,
    types: [
      ...backendsOf(context.settings).map((name) => ({
        type: { name, description: descriptions[name], extra_specs: { volume_backend_name: name } },
      })),
      ...(encrypts ? [{ type: encryptedType, encryption }] : []),
    ],
  };
  take(context, 'frontDoor');
  return job({
    name: 'cinder-volume-type',
    service: 'cinder',
    image: 'cinder',
    command: ['set-volume-type', TYPE_FILE],
    user: userOf('cinder'),
    files: [jsonFile(TYPE_FILE, wanted, { gid: users.cinder })],
    after: ['process:cinder-api'],
  });
}
