import type { RenderContext } from '../../src/model/context.ts';
import { file, job, jsonFile } from '../../src/model/make.ts';
import type { ImageUrls, Offers } from '../../src/model/offers.ts';
import { type OsloSections, renderOsloIni } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type Process, type RenderedFile } from '../../src/model/workload.ts';
import { type Pipelines, pipelinesFile } from '../common/audit.ts';
import { CEPH_FILE, poolClientFiles } from '../common/pool-client.ts';
import { databaseUrl, serviceCredentials, serviceLogin } from '../common/sections.ts';
import { uwsgiCommand } from '../common/uwsgi.ts';
import { CONTAINER, PROJECT, URL_KEY } from './names.ts';
import { defaultStoreOf, type GlanceSettings, usesPool } from './settings.ts';

export const DATA = '/var/lib/glance';
const URL_KEYS_FILE = `${CONFIG_DIR}/url-keys.json`;
const SWIFT_FILE = `${CONFIG_DIR}/swift-store.conf`;

type Context = RenderContext<GlanceSettings>;

/** Whether there are several places where images may be, or may have been. */
export function hasStores(context: Context): boolean {
  return context.offered('objectStore') !== undefined || context.offered('blockPool') !== undefined;
}

/** Whether images may be in Swift; takes the offer of where. */
export function usesSwift(context: Context): boolean {
  return hasSwiftStore(context) && context.offered('objectStore') !== undefined;
}

export function hasSwiftStore({ settings }: Pick<Context, 'settings'>): boolean {
  return settings.images.stores.includes('swift');
}

/** The pool that images may be in; takes the offer of it. */
function poolOf(context: Context): Offers['blockPool'] | undefined {
  return usesPool(context.settings) ? take(context, 'blockPool') : undefined;
}

/** Those of the API. */
export const pipelines: Pipelines = { file: '/etc/glance/glance-api-paste.ini', map: 'glance' };

/** Of glance-api.conf: https://docs.openstack.org/glance/latest/admin/multistores.html */
export function storeSections(context: Context): OsloSections {
  const drivers = { files: 'file', swift: 'swift', ceph: 'rbd' };
  const { stores } = context.settings.images;
  return {
    DEFAULT: {
      enabled_backends: stores.map((name) => `${name}:${drivers[name]}`).join(),
      node_staging_uri: `file://${DATA}/staging`,
    },
    glance_store: { default_backend: defaultStoreOf(context.settings) },
    files: { filesystem_store_datadir: `${DATA}/images` },
    ...(usesSwift(context)
      ? {
          swift: {
            default_swift_reference: 'service',
            swift_store_config_file: SWIFT_FILE,
            swift_store_container: CONTAINER,
            swift_store_create_container_on_put: true,
            swift_store_endpoint_type: 'internalURL',
            swift_store_region: context.region,
          },
        }
      : {}),
    ...poolSections(context),
    os_glance_staging_store: { filesystem_store_datadir: `${DATA}/staging` },
    os_glance_tasks_store: { filesystem_store_datadir: `${DATA}/tasks` },
    paste_deploy: { flavor: 'keystone', config_file: pipelinesFile(context, pipelines) },
    oslo_limit: serviceCredentials(context, 'glance'),
    oslo_concurrency: { lock_path: '/tmp' },
  };
}

/** Servers and volumes are made of raw images in no time: what is imported becomes one. */
function poolSections(context: Context): OsloSections {
  const pool = poolOf(context);
  if (!pool) return {};
  return {
    ceph: {
      rbd_store_ceph_conf: CEPH_FILE,
      rbd_store_user: pool.clients.images.name,
      rbd_store_pool: pool.pools.images,
      // A cluster that does not answer is given up after so many seconds.
      rados_connect_timeout: 60,
      // What is zero in an image takes no room.
      rbd_thin_provisioning: true,
    },
    // By which programs are run with limits: the one that runs Glance is uWSGI's.
    wsgi: { python_interpreter: '/usr/bin/python3' },
    image_import_opts: { image_import_plugins: '[image_conversion]' },
    image_conversion: { output_format: 'raw' },
  };
}

/**
 * What those who open pools themselves are told, and may say: where in a pool an image is. Of users, who could name what is
 * not theirs, it is kept: https://wiki.openstack.org/wiki/OSSN/OSSN-0065
 */
export const locationSections: OsloSections = {
  DEFAULT: { show_image_direct_url: true, show_multiple_locations: true },
};

/** What Glance runs as where images are in a pool. */
export function poolProcess(context: Context): Partial<Process> {
  const pool = poolOf(context);
  if (!pool) return {};
  const { clients, pools } = pool;
  return {
    image: 'glance-rbd',
    command: ['when-pool-answers', clients.images.name, pools.images, ...uwsgiCommand],
  };
}

/** What Glance logs in to Swift with: images name this account by `service`, so that its password may change. */
function swiftFiles(context: Context): RenderedFile[] {
  if (!usesSwift(context)) return [];
  const { auth_url, username, password, project_name } = serviceLogin(context, 'glance');
  const account = {
    user: `${project_name}:${username}`,
    key: password,
    auth_version: '3',
    auth_address: `${auth_url}/v3`,
    user_domain_id: 'default',
    project_domain_id: 'default',
  };
  return [file(SWIFT_FILE, renderOsloIni({ service: account }), { gid: users.glance })];
}

export function storeFiles(context: Context): RenderedFile[] {
  const pool = poolOf(context);
  return [
    ...swiftFiles(context),
    ...(pool ? poolClientFiles(context, pool, pool.clients.images, users.glance) : []),
  ];
}

/** Refuses to leave a store in which images are. */
export function storesJob(context: Context): Job {
  const wanted = { database: databaseUrl(context, 'glance'), stores: context.settings.images.stores };
  return job({
    name: 'glance-stores',
    service: 'glance',
    image: 'glance',
    command: ['check-stores', `${CONFIG_DIR}/stores.json`],
    user: userOf('glance'),
    files: [jsonFile(`${CONFIG_DIR}/stores.json`, wanted, { gid: users.glance })],
    after: ['job:glance-schema'],
  });
}

/** Takes no offer: whoever takes images does not wait for Swift. */
export function imageUrls(context: Pick<Context, 'settings'>): ImageUrls | undefined {
  if (!hasSwiftStore(context)) return undefined;
  return {
    serviceType: 'object-store',
    project: PROJECT,
    container: CONTAINER,
    store: 'swift',
    secret: URL_KEY,
  };
}

/**
 * Gives Swift the keys of URLs: of the container, since whoever signs with a key of the account could get at what other
 * services keep in it. In the same order whichever of them is in use, so that it need not run again for that.
 */
export function urlKeysJob(context: Context): Job {
  const { auth_url, username, password, user_domain_name, project_domain_name, region_name } = serviceLogin(
    context,
    'glance',
  );
  const wanted = {
    login: {
      auth_url: `${auth_url}/v3`,
      username,
      password,
      user_domain_name,
      project_name: PROJECT,
      project_domain_name,
    },
    service: { service_type: take(context, 'objectStore').serviceType, interface: 'internal', region_name },
    container: CONTAINER,
    keys: context.keys(URL_KEY).sort(),
  };
  return job({
    name: 'glance-url-keys',
    service: 'glance',
    image: 'glance',
    command: ['keep-url-keys', URL_KEYS_FILE],
    user: userOf('glance'),
    files: [jsonFile(URL_KEYS_FILE, wanted, { gid: users.glance })],
  });
}
