import type { RenderContext } from '../../src/model/context.ts';
import { file, job, jsonFile } from '../../src/model/make.ts';
import type { ImageUrls } from '../../src/model/offers.ts';
import { type OsloSections, renderOsloIni } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type RenderedFile } from '../../src/model/workload.ts';
import { databaseUrl, serviceCredentials, serviceLogin } from '../common/sections.ts';
import { CONTAINER, PROJECT, URL_KEY } from './names.ts';
import { defaultStoreOf, type GlanceSettings } from './settings.ts';

export const DATA = '/var/lib/glance';
const URL_KEYS_FILE = `${CONFIG_DIR}/url-keys.json`;
const SWIFT_FILE = `${CONFIG_DIR}/swift-store.conf`;

type Context = RenderContext<GlanceSettings>;

/** Whether there are several places where images may be, or may have been. */
export function hasStores(context: Context): boolean {
  return context.offered('objectStore') !== undefined;
}

/** Whether images may be in Swift; takes the offer of where. */
export function usesSwift(context: Context): boolean {
  return hasSwiftStore(context) && context.offered('objectStore') !== undefined;
}

export function hasSwiftStore({ settings }: Pick<Context, 'settings'>): boolean {
  return settings.images.stores.includes('swift');
}

/** Of glance-api.conf: https://docs.openstack.org/glance/latest/admin/multistores.html */
export function storeSections(context: Context): OsloSections {
  const drivers = { files: 'file', swift: 'swift' };
  const { stores } = context.settings.images;
  return {
    DEFAULT: {
      enabled_backends: stores.map((name) => `${name}:${drivers[name]}`).join(),
      show_image_direct_url: false,
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
    os_glance_staging_store: { filesystem_store_datadir: `${DATA}/staging` },
    os_glance_tasks_store: { filesystem_store_datadir: `${DATA}/tasks` },
    paste_deploy: { flavor: 'keystone', config_file: '/etc/glance/glance-api-paste.ini' },
    oslo_limit: serviceCredentials(context, 'glance'),
    oslo_concurrency: { lock_path: '/tmp' },
  };
}

/** What Glance logs in to Swift with: images name this account by `service`, so that its password may change. */
export function storeFiles(context: Context): RenderedFile[] {
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
