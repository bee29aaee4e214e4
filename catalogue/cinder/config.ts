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
  serviceUserSections,
} from '../common/sections.ts';

/** What the backend is called: a group of cinder.conf, and the type of volumes that is made of it. */
export const BACKEND = 'ceph';

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
      // Without sudo, and without capabilities: none of what a backend of Ceph does with them takes any.
      cinder_sys_admin: { helper_command: privsepHelper, capabilities: '' },
      privsep_osbrick: { helper_command: privsepHelper, capabilities: '' },
    },
  ];
}

const privsepHelper = `privsep-helper --config-file ${CONFIG_DIR}/cinder.conf`;

export function cephFiles(context: RenderContext): RenderedFile[] {
  const pool = take(context, 'blockPool');
  return poolClientFiles(context, pool, pool.clients.volumes, users.cinder);
}
