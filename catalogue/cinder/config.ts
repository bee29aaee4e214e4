import type { RenderContext } from '../../src/model/context.ts';
import { literal, type OsloSections } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
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

/** What the backend is called: a group of cinder.conf, and the type of volumes that is made of it. */
export const BACKEND = 'ceph';

/** The type of volumes that are encrypted, where something keeps their keys. */
export const ENCRYPTED = `${BACKEND}-luks`;

/** Who puts backups of volumes into containers of objects, and the project that these are in. */
export const BACKUP_USER = 'cinder-backup';
export const BACKUP_PROJECT = 'volume-backups';

/** Where images are converted, which may be as large as they are. */
export const STATE = '/var/lib/cinder';

/** Groups of cinder.conf that only these processes read; an option there replaces no other. */
export const groupReaders: Record<string, string[]> = {
  [BACKEND]: ['cinder-volume'],
  backend_defaults: ['cinder-volume'],
  keystone_authtoken: ['cinder-api'],
  cors: ['cinder-api'],
};

/** What every process of Cinder reads. */
export function baseSections(context: RenderContext): OsloSections[] {
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
        default_volume_type: BACKEND,
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

export function apiSections(context: RenderContext): OsloSections[] {
  return [
    authTokenSections(context, 'cinder'),
    {
      DEFAULT: { auth_strategy: 'keystone', api_paste_config: '/etc/cinder/api-paste.ini' },
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

export function volumeSections(context: RenderContext): OsloSections[] {
  const { clients, pools } = take(context, 'blockPool');
  return [
    {
      DEFAULT: {
        enabled_backends: BACKEND,
        state_path: STATE,
        // Where in a pool an image is, by which a volume is made of it without its bytes.
        glance_api_servers: context.offered('imageLocations')?.url,
        // All containers of a machine that starts do so at once: it tries again after 1, 2, 4, ... 32 s, while Ceph is not there.
        reinit_driver_count: 6,
      },
      [BACKEND]: {
        volume_driver: 'cinder.volume.drivers.rbd.RBDDriver',
        volume_backend_name: BACKEND,
        // Volumes belong to a host of this name: each container that follows another goes on with them.
        backend_host: `rbd:${pools.volumes}`,
        rbd_pool: pools.volumes,
        rbd_user: clients.volumes.name,
        rbd_ceph_conf: CEPH_FILE,
        // By which libvirt on every node knows the client's key.
        rbd_secret_uuid: clients.volumes.uuid,
      },
    },
    helperSections,
  ];
}

/**
 * Backups as objects, in a project of their own: users may neither read nor change them but by Cinder, which can remove them
 * though their user is gone, and goes on when the user's token has run out.
 */
export function backupSections(context: RenderContext): OsloSections[] {
  const { serviceType } = take(context, 'objectStore');
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

/** Without sudo, and without capabilities: none of what is done to volumes of Ceph takes any. */
const helperSections: OsloSections = Object.fromEntries(
  ['cinder_sys_admin', 'privsep_osbrick'].map((group) => [
    group,
    { helper_command: `privsep-helper --config-file ${CONFIG_DIR}/cinder.conf`, capabilities: '' },
  ]),
);

export function cephFiles(context: RenderContext): RenderedFile[] {
  const pool = take(context, 'blockPool');
  return poolClientFiles(context, pool, pool.clients.volumes, users.cinder);
}
