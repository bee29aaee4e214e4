/** Sections of oslo.config that OpenStack services share. */

import { publicUrl, type RenderContext } from '../../src/model/context.ts';
import { literal, type OsloSections } from '../../src/model/oslo.ts';

/** Inside the cloud: Keystone's address as every service uses it. */
export const KEYSTONE_URL = 'http://keystone:5000';

/** Name of the front end that leads to the one instance of the database that takes writes, where there are several. */
export const LEADER_HOST = 'database';

/**
 * SQLAlchemy URL of a service's own database. A front end that is lost with its node is silent: reads and writes are
 * given up after a time that no request takes, except those of jobs, which may change large tables.
 */
function databaseUrl(context: RenderContext, database: string, patient = false): string {
  const need = context.declared.databases.find((candidate) => candidate.name === database);
  if (!need) throw new Error(`no service declares the database ${database}`);
  const isCluster = context.replicas('mariadb') > 1;
  const host = isCluster ? LEADER_HOST : 'mariadb';
  const timeouts = !isCluster
    ? ''
    : `&connect_timeout=5${patient ? '' : '&read_timeout=30&write_timeout=30'}`;
  return `mysql+pymysql://${need.login ?? need.user}:${context.secret(need.secret)}@${host}:3306/${database}?charset=utf8mb4${timeouts}`;
}

export function transportUrl(context: RenderContext, user: string): string {
  const need = context.declared.brokerUsers.find((candidate) => candidate.user === user);
  if (!need) throw new Error(`no service declares the broker user ${user}`);
  const login = `${need.login ?? need.user}:${context.secret(need.secret)}`;
  return `rabbit://${context
    .hosts('rabbitmq')
    .map((host) => `${login}@${host}:5672`)
    .join()}/`;
}

/** Memcached's instances as a list; what an instance that is lost held is looked up again. */
function memcachedServers(context: RenderContext): string {
  return context
    .hosts('memcached')
    .map((host) => `${host}:11211`)
    .join();
}

/** How a service logs in to Keystone as itself, for any group that takes keystoneauth options. */
export function serviceCredentials(context: RenderContext, user: string): Record<string, string> {
  const account = context.declared.accounts.find((candidate) => candidate.user === user);
  if (!account) throw new Error(`no service declares the account ${user}`);
  return {
    auth_type: 'password',
    auth_url: KEYSTONE_URL,
    username: account.login ?? user,
    password: literal(context.secret(account.secret)),
    project_name: 'service',
    user_domain_name: 'Default',
    project_domain_name: 'Default',
    region_name: context.region,
  };
}

export function databaseSection(
  context: RenderContext,
  database: string,
  { patient = false } = {},
): OsloSections[string] {
  return {
    connection: literal(databaseUrl(context, database, patient)),
    connection_recycle_time: 3600,
    max_pool_size: 5,
    max_retries: -1,
  };
}

/** What every service's file has in common: logging, proxy headers. */
export function commonSections(context: RenderContext): OsloSections {
  return {
    DEFAULT: { debug: context.debug ? true : undefined, use_stderr: true },
    oslo_middleware: { enable_proxy_headers_parsing: true },
  };
}

/** For services that cache what they look up with oslo.cache. */
export function cacheSections(context: RenderContext): OsloSections {
  return {
    cache: {
      enabled: true,
      backend: 'oslo_cache.memcache_pool',
      memcache_servers: memcachedServers(context),
    },
  };
}

/** For APIs that check tokens. */
export function authTokenSections(context: RenderContext, user: string): OsloSections {
  return {
    keystone_authtoken: {
      ...serviceCredentials(context, user),
      www_authenticate_uri: publicUrl(context, 'keystone', 5000),
      interface: 'internal',
      memcached_servers: memcachedServers(context),
      service_token_roles: 'service',
      service_token_roles_required: true,
    },
  };
}

/** For services that call others on behalf of a user: the call also carries the service's own token. */
export function serviceUserSections(context: RenderContext, user: string): OsloSections {
  const { region_name: _, ...credentials } = serviceCredentials(context, user);
  return { service_user: { ...credentials, send_service_user_token: true } };
}

/**
 * For services on the message broker, notifications included. Every queue is a quorum queue, so that none is lost with
 * a node. A connection whose broker vanished without a word looks open until something is sent: hence heartbeats every
 * 5 s (threshold by rate), where 60 s and 20 s would be the defaults.
 */
export function messagingSections(context: RenderContext, user: string): OsloSections {
  return {
    DEFAULT: { transport_url: literal(transportUrl(context, user)), rpc_response_timeout: 60 },
    oslo_messaging_rabbit: {
      rabbit_quorum_queue: true,
      rabbit_transient_quorum_queue: true,
      rabbit_retry_interval: 1,
      rabbit_interval_max: 2,
      heartbeat_timeout_threshold: 15,
      heartbeat_rate: 3,
    },
    oslo_messaging_notifications: { driver: context.notifications ? 'messagingv2' : 'noop' },
  };
}
