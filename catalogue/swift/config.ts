import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import { type OsloSections, renderOsloIni } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { RESELLER_ADMIN } from '../common/object-store.ts';
import { messagingSections, serviceLogin, transportUrl } from '../common/sections.ts';
import { RSYNC_PORT } from './daemons.ts';
import { policiesOf } from './policies.ts';
import { keymasterFilters, keymastersOf } from './root-key.ts';
import type { SwiftSettings } from './settings.ts';

/** The files of Swift, which are PasteDeploy's: https://docs.openstack.org/swift/latest/config/ */

/** Rings are here, and what daemons tell of their last pass (recon). */
const RINGS = '/run/swift';
const EVENTS_FILE = `${CONFIG_DIR}/events.conf`;

function defaults(context: RenderContext, port: number): OsloSections[string] {
  return {
    bind_port: port,
    // run-swift forks.
    workers: 0,
    swift_dir: RINGS,
    log_level: context.debug ? 'DEBUG' : 'WARNING',
  };
}

/** What hashes of names are mixed with: with others, nothing that is stored would be found again. */
export function swiftSections(context: RenderContext<SwiftSettings>): OsloSections {
  const policies = policiesOf(context).map(({ index, name, isDefault, fragments }) => [
    `storage-policy:${index}`,
    {
      name,
      ...(isDefault ? { default: true } : {}),
      ...(fragments
        ? {
            policy_type: 'erasure_coding',
            // The one of liberasurecode that holds for any numbers of fragments, and is compiled in.
            ec_type: 'isa_l_rs_cauchy',
            ec_num_data_fragments: fragments.data,
            ec_num_parity_fragments: fragments.parity,
          }
        : {}),
    },
  ]);
  return {
    'swift-hash': {
      swift_hash_path_prefix: context.secret('swift-hash-prefix'),
      swift_hash_path_suffix: context.secret('swift-hash-suffix'),
    },
    ...Object.fromEntries(policies),
  };
}

/** rsyncd.conf(5): takes what replicators send, from whoever reaches it, as Swift's own ports do. */
export function rsyncFile(): string {
  return `port = ${RSYNC_PORT}
use chroot = no
max connections = 8
lock file = ${RINGS}/rsync.lock

[databases]
path = /srv/node
read only = no
write only = yes
list = no
`;
}

export function serverSections(
  context: RenderContext,
  kind: 'account' | 'container' | 'object',
  port: number,
): OsloSections {
  const app = `${kind}-server`;
  const daemon = { recon_cache_path: `${RINGS}/recon` };
  const replicator = { ...daemon, rsync_module: `rsync://{replication_ip}:${RSYNC_PORT}/databases` };
  const own: Record<typeof kind, OsloSections> = {
    account: { 'account-replicator': replicator, 'account-auditor': daemon },
    container: {
      'container-replicator': replicator,
      'container-updater': daemon,
      'container-auditor': daemon,
      'container-sharder': { ...daemon, internal_client_conf_path: `${CONFIG_DIR}/internal-client.conf` },
    },
    object: {
      // Over the object server's own port.
      'object-replicator': { ...daemon, sync_method: 'ssync' },
      'object-reconstructor': daemon,
      'object-updater': daemon,
      'object-auditor': daemon,
      'object-expirer': { ...daemon, internal_client_conf_path: `${CONFIG_DIR}/internal-client.conf` },
    },
  };
  return {
    DEFAULT: { ...defaults(context, port), devices: '/srv/node', mount_check: false },
    'pipeline:main': { pipeline: `healthcheck recon ${app}` },
    [`app:${app}`]: { use: `egg:swift#${kind}` },
    'filter:healthcheck': { use: 'egg:swift#healthcheck' },
    'filter:recon': { use: 'egg:swift#recon', recon_cache_path: `${RINGS}/recon` },
    ...own[kind],
  };
}

/** In this order: S3's requests are signed, and looked at before tokens are. */
const pipeline = (keymasters: readonly string[], tells: boolean) => [
  'catch_errors',
  'gatekeeper',
  'healthcheck',
  'proxy-logging',
  'cache',
  'listing_formats',
  'bulk',
  'tempurl',
  'ratelimit',
  'authtoken',
  's3api',
  's3token',
  'keystoneauth',
  'staticweb',
  'copy',
  'container-quotas',
  'account-quotas',
  'slo',
  'dlo',
  'versioned_writes',
  'symlink',
  ...keymasters,
  'encryption',
  'proxy-logging',
  ...(tells ? ['events'] : []),
  'proxy-server',
];

/** Of these the ones that have nothing to be told. */
const plainFilters = [
  'catch_errors',
  'gatekeeper',
  'healthcheck',
  'proxy-logging',
  'listing_formats',
  'bulk',
  'ratelimit',
  'copy',
  'container-quotas',
  'account-quotas',
  'slo',
  'dlo',
  'symlink',
];

export function proxySections(context: RenderContext<SwiftSettings>, port: number): OsloSections {
  const { url, publicUrl } = take(context, 'identity');
  const login = serviceLogin(context, 'swift');
  const topic = eventTopic(context);
  return {
    DEFAULT: defaults(context, port),
    'pipeline:main': { pipeline: pipeline(keymastersOf(context), topic !== undefined).join(' ') },
    'app:proxy-server': {
      use: 'egg:swift#proxy',
      account_autocreate: true,
      // To those alone who may use all of them.
      allow_account_management: true,
      // A server that refuses one object, as for metadata larger than its file system takes, is asked the next at once.
      error_suppression_interval: 0,
    },
    ...Object.fromEntries(
      plainFilters.map((name) => [`filter:${name}`, { use: `egg:swift#${name.replaceAll('-', '_')}` }]),
    ),
    'filter:cache': { use: 'egg:swift#memcache', memcache_servers: take(context, 'cache').servers.join() },
    'filter:versioned_writes': {
      use: 'egg:swift#versioned_writes',
      allow_versioned_writes: true,
      allow_object_versioning: true,
    },
    'filter:authtoken': {
      'paste.filter_factory': 'keystonemiddleware.auth_token:filter_factory',
      ...login,
      www_authenticate_uri: publicUrl,
      interface: 'internal',
      delay_auth_decision: true,
      cache: 'swift.cache',
      include_service_catalog: false,
      service_token_roles: 'service',
      service_token_roles_required: true,
    },
    'filter:keystoneauth': {
      use: 'egg:swift#keystoneauth',
      operator_roles: 'admin, member',
      project_reader_roles: 'reader',
      reseller_admin_role: RESELLER_ADMIN,
    },
    // Redirects would lead to the door without TLS, behind which it is.
    'filter:staticweb': { use: 'egg:swift#staticweb', url_base: 'https://' },
    // The others may have been made by whoever finds a collision.
    'filter:tempurl': { use: 'egg:swift#tempurl', allowed_digests: 'sha256 sha512' },
    // Signatures name the region.
    'filter:s3api': { use: 'egg:swift#s3api', location: context.region },
    ...keymasterFilters(context),
    ...(topic === undefined ? {} : { 'filter:events': eventFilter(context, topic) }),
    'filter:s3token': { use: 'egg:swift#s3token', auth_uri: `${url}/v3`, ...login },
  };
}

/** Where it tells of requests: it knows one topic. Undefined where it tells nobody. */
export function eventTopic(context: RenderContext<SwiftSettings>): string | undefined {
  return context.settings.storage.swift.events ? context.offered('notifications')?.topics[0] : undefined;
}

/** https://docs.openstack.org/ceilometermiddleware/latest/ A request does not wait until it is told of. */
function eventFilter(context: RenderContext, topic: string): OsloSections[string] {
  return {
    'paste.filter_factory': 'ceilometermiddleware.swift:filter_factory',
    url: transportUrl(context, 'swift'),
    extra_config_files: EVENTS_FILE,
    topic,
    nonblocking_notify: true,
  };
}

/** What oslo.messaging in it is told: queues are of the kind that all have. */
export function eventsFile(context: RenderContext): RenderedFile {
  const { oslo_messaging_rabbit: rabbit = {} } = messagingSections(context, 'swift');
  const content = renderOsloIni({ oslo_messaging_rabbit: rabbit });
  return file(EVENTS_FILE, content, { gid: users.swift });
}

/** Of the daemon that moves objects which came into a container by another policy than it has. */
export function reconcilerSections(): OsloSections {
  return {
    DEFAULT: { swift_dir: RINGS, log_level: 'WARNING' },
    'container-reconciler': {
      recon_cache_path: `${RINGS}/recon`,
      internal_client_conf_path: `${CONFIG_DIR}/internal-client.conf`,
    },
  };
}

/** The proxy that daemons have inside them, for what they ask of all devices. */
export function internalClientSections(): OsloSections {
  return {
    DEFAULT: { swift_dir: RINGS, log_level: 'WARNING' },
    'pipeline:main': { pipeline: 'catch_errors proxy-logging cache symlink proxy-server' },
    'app:proxy-server': { use: 'egg:swift#proxy', account_autocreate: true },
    'filter:cache': { use: 'egg:swift#memcache' },
    'filter:proxy-logging': { use: 'egg:swift#proxy_logging' },
    'filter:catch_errors': { use: 'egg:swift#catch_errors' },
    'filter:symlink': { use: 'egg:swift#symlink' },
  };
}
