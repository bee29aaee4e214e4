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
import { checkSettings } from './check-settings.ts';
import {
  apiSections,
  BACKEND,
  BACKUP_PROJECT,
  BACKUP_USER,
  backupSections,
  baseSections,
  cephFiles,
  ENCRYPTED,
  groupReaders,
  STATE,
  volumeSections,
} from './config.ts';

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
    'cinder-volume': { replicas: false },
    'cinder-backup': { replicas: false },
  },
  configFiles: { 'cinder.conf': { groupReaders } },
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
    blockStorage: () => ({
      serviceType: API_TYPE,
      traces: { logs: ['cinder-volume', 'cinder-scheduler'] },
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
        healthPath: '/healthcheck',
      }),
      rpcWorker(context, { ...service, name: 'cinder-scheduler', sections: baseSections }),
      rpcWorker(context, {
        ...service,
        name: 'cinder-volume',
        sections: (own) => [...baseSections(own), ...volumeSections(own)],
        files: cephFiles,
        replicas: 1,
        // What is under way ends, such as an image that becomes a volume.
        graceSeconds: 60,
        more: { update: 'recreate', scratch: [STATE] },
      }),
      ...(context.offered('objectStore') ? [backup(context)] : []),
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

/** There where backups have somewhere to go. It reads and writes volumes by Ceph's library. */
function backup(context: RenderContext): Process {
  return rpcWorker(context, {
    ...service,
    name: 'cinder-backup',
    sections: (own) => [...baseSections(own), ...backupSections(own)],
    files: cephFiles,
    replicas: 1,
    // Swift, and what makes its users, are asked for when there is something to keep.
    later: ['keyManager', 'objectStore'],
    graceSeconds: 60,
    more: { update: 'recreate', scratch: [STATE], command: backupCommand },
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

const onCeph = { volume_backend_name: BACKEND };
const encryptedType = {
  name: ENCRYPTED,
  description: 'Block devices of Ceph, encrypted where servers run',
  extra_specs: onCeph,
};
/** By QEMU's own LUKS, in what runs the server: Ceph and its network see nothing else. */
const encryption = {
  provider: 'luks',
  cipher: 'aes-xts-plain64',
  key_size: 256,
  control_location: 'front-end',
};

/** Makes the type that volumes have unless another is asked for: without it, none could be made. */
function volumeTypeJob(context: RenderContext): Job {
  const wanted = {
    login: serviceLogin(context, 'cinder'),
    serviceType: API_TYPE,
    types: [
      { type: { name: BACKEND, description: 'Block devices of Ceph', extra_specs: onCeph } },
      ...(context.offered('keyManager') ? [{ type: encryptedType, encryption }] : []),
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
