import type { RenderContext } from '../../src/model/context.ts';
import { literal, type OsloSections } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile, type VolumeMount } from '../../src/model/workload.ts';
import { type Pipelines, pipelinesFile } from '../common/audit.ts';
import { exportMount } from '../common/export-mount.ts';
import { CEPH_FILE, poolClientFiles } from '../common/pool-client.ts';
import {
  authTokenSections,
  databaseSection,
  databaseUrl,
  keyManagerSections,
  messagingSections,
  serviceCredentials,
  serviceLogin,
  serviceUserSections,
} from '../common/sections.ts';
import { type Backend, type CinderSettings, defaultBackend, exportsOf, has } from './settings.ts';

type Context = RenderContext<CinderSettings>;

/** The type of volumes that are encrypted, where something keeps their keys. */
export const ENCRYPTED = 'ceph-luks';

/** Who puts backups of volumes into containers of objects, and the project that these are in. */
export const BACKUP_USER = 'cinder-backup';
export const BACKUP_PROJECT = 'volume-backups';

/** Where images are converted, which may be as large as they are. */
export const STATE = '/var/lib/cinder';

/** Below it exports are where os-brick looks for them: not in what starts empty. */
const MOUNTS = '/var/lib/cinder-mnt';

/** The process of each backend: what one of them does, waits for or breaks off is no matter of the others. */
export const backendProcess = { ceph: 'cinder-volume', nfs: 'cinder-volume-nfs' } as const;

/** Groups of cinder.conf that only these processes read; an option there replaces no other. */
export const groupReaders: Record<string, string[]> = {
  ceph: [backendProcess.ceph],
  nfs: [backendProcess.nfs],
  backend_defaults: Object.values(backendProcess),
  keystone_authtoken: ['cinder-api'],
  cors: ['cinder-api'],
};

/** What every process of Cinder reads. */
export function baseSections(context: Context): OsloSections[] {
  const { region_name: region, ...credentials } = serviceCredentials(
    context,
    take(context, 'compute').account,
  );
  return [
    messagingSections(context, 'cinder'),
    serviceUserSections(context, 'cinder'),
    {
      DEFAULT: {
        glance_catalog_info: `${take(context, 'imageStore').serviceType}::internalURL`,
        default_volume_type: defaultBackend(context.settings),
      },
      database: databaseSection(context, 'cinder'),
      // Unasked, it would take the way of the cloud's users, which leads to this container.
      nova: {
        ...credentials,
        region_name: region,
        interface: 'internal',
        token_auth_url: credentials.auth_url,
      },
      oslo_concurrency: { lock_path: '/tmp' },
    },
    keyManagerSections(context, { backend: 'cinder.keymgr.conf_key_mgr.ConfKeyManager' }),
  ];
}

/** Those of the API. */
export const pipelines: Pipelines = { file: '/etc/cinder/api-paste.ini', map: 'cinder' };

export function apiSections(context: RenderContext): OsloSections[] {
  return [
    authTokenSections(context, 'cinder'),
    {
      DEFAULT: { auth_strategy: 'keystone', api_paste_config: pipelinesFile(context, pipelines) },
      // Locks that all instances of the API take for a volume that several servers are given at once.
      coordination: { backend_url: literal(coordinationUrl(context)) },
    },
  ];
}

/** By the functions of the database that lock names, which last as long as the connection that they were asked over. */
function coordinationUrl(context: RenderContext): string {
  return databaseUrl(context, 'cinder')
    .replace(/^mysql\+pymysql:/, 'mysql:')
    .replace(/\?.*$/, '');
}

/** How often schedulers are told what a backend has room for. */
const REPORT_SECONDS = 10;

export function volumeSections(context: Context, name: Backend): OsloSections[] {
  return [
    {
      DEFAULT: {
        enabled_backends: name,
        state_path: STATE,
        // Where in a pool an image is, by which a volume is made of it without its bytes.
        glance_api_servers: name === 'ceph' ? context.offered('imageLocations')?.url : undefined,
        // All containers of a machine that starts do so at once: it tries again after 1, 2, 4, ... 32 s, while what
        // volumes are kept on is not there.
        reinit_driver_count: 6,
        // It tells schedulers of itself before it can be asked, which one that has just started does not hear either. A request
        // for a volume waits for a minute there, and fails then: unasked, it tells again after one to two (Cinder 26.0.0).
        periodic_interval: REPORT_SECONDS,
        periodic_fuzzy_delay: 0,
        backend_stats_polling_interval: REPORT_SECONDS,
      },
      [name]: { volume_backend_name: name, ...backendOptions[name](context) },
    },
    helperSections,
  ];
}

/** Volumes belong to a host of the name of `backend_host`: each container that follows another goes on with them. */
const backendOptions: Record<Backend, (context: Context) => OsloSections[string]> = {
  ceph: (context) => {
    const { clients, pools } = take(context, 'blockPool');
    return {
      volume_driver: 'cinder.volume.drivers.rbd.RBDDriver',
      backend_host: `rbd:${pools.volumes}`,
      rbd_pool: pools.volumes,
      rbd_user: clients.volumes.name,
      rbd_ceph_conf: CEPH_FILE,
      // By which libvirt on every node knows the client's key.
      rbd_secret_uuid: clients.volumes.uuid,
    };
  },
  nfs: ({ settings }) => {
    const [host, path] = (exportsOf(settings)[0]?.export ?? '').split(':');
    return {
      volume_driver: 'cinder.volume.drivers.nfs.NfsDriver',
      backend_host: 'nfs',
      nas_host: host,
      nas_share_path: path,
      nfs_mount_point_base: MOUNTS,
      nfs_snapshot_support: true,
      // What the driver would do as root it does as what it runs as (see `sudo`), whose the files are. Snapshots ask for
      // the one; by the other the user that servers run as may open them.
      nas_secure_file_operations: 'false',
      nas_secure_file_permissions: 'false',
    };
  },
};

/**
 * Backups as objects, in a project of their own: users may neither read nor change them but by Cinder, which can remove them
 * though their user is gone, and goes on when the user's token has run out.
 */
export function backupSections(context: RenderContext): OsloSections[] {
  const { serviceType } = take(context, 'objects');
  const account = serviceLogin(context, BACKUP_USER);
  return [
    {
      DEFAULT: {
        // Backups belong to a host of this name: the next container finishes with what this one was cut off from.
        host: 'backup',
        backup_driver: 'cinder.backup.drivers.swift.SwiftBackupDriver',
        swift_catalog_info: `${serviceType}:swift:internalURL`,
        backup_swift_auth: 'single_user',
        backup_swift_auth_version: '3',
        backup_swift_auth_url: `${account.auth_url}/v3`,
        backup_swift_user: account.username,
        backup_swift_key: literal(account.password),
        backup_swift_user_domain: account.user_domain_name,
        backup_swift_project: BACKUP_PROJECT,
        backup_swift_project_domain: account.project_domain_name,
        // Each has several pieces in memory, of 50 MB unless said; it is a multiple of backup_swift_block_size.
        backup_swift_object_size: 8 * 2 ** 20,
        backup_max_operations: 2,
      },
    },
    helperSections,
  ];
}

/** Without sudo, and without capabilities: none of what is done to volumes of Ceph takes any, or to files. */
const helperSections: OsloSections = Object.fromEntries(
  ['cinder_sys_admin', 'privsep_osbrick'].map((group) => [
    group,
    { helper_command: `privsep-helper --config-file ${CONFIG_DIR}/cinder.conf`, capabilities: '' },
  ]),
);

/**
 * What volumes are read and written by. A backup is made of volumes of any backend, and one that moves to another backend is
 * copied by the process of the one that it leaves.
 */
export function accessFiles(context: Context): RenderedFile[] {
  if (!has(context.settings, 'ceph')) return [];
  const pool = take(context, 'blockPool');
  return poolClientFiles(context, pool, pool.clients.volumes, users.cinder);
}

export function accessMounts({ settings }: Context): VolumeMount[] {
  return exportsOf(settings).map((one) => exportMount(one, MOUNTS));
}
