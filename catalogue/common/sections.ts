/** Sections of oslo.config that OpenStack services share. Each takes the offers that it speaks of. */

import type { RenderContext } from '../../src/model/context.ts';
import { literal, type OsloSections, part } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';

type Section = OsloSections[string];

/**
 * SQLAlchemy URL of a service's own database. A front end that is lost with its node is silent: reads and writes are
 * given up after a time that no request takes, except those of jobs, which may change large tables.
 */
export function databaseUrl(context: RenderContext, database: string, patient = false): string {
  const need = context.declared.databases.find((candidate) => candidate.name === database);
  if (!need) throw new Error(`no service declares the database ${database}`);
  const { host, port, throughFrontDoor } = take(context, 'database');
  const timeouts = !throughFrontDoor
    ? ''
    : `&connect_timeout=5${patient ? '' : '&read_timeout=30&write_timeout=30'}`;
  return `mysql+pymysql://${need.login ?? need.user}:${context.secret(need.secret)}@${host}:${port}/${database}?charset=utf8mb4${timeouts}`;
}

export function databaseSection(context: RenderContext, database: string, { patient = false } = {}): Section {
  return part('database', {
    connection: literal(databaseUrl(context, database, patient)),
    connection_recycle_time: 3600,
    max_pool_size: 5,
    max_retries: -1,
  });
}

export function transportUrl(context: RenderContext, user: string): string {
  return `rabbit://${brokersFor(context, user).join()}/`;
}

/** Each broker as `LOGIN:PASSWORD@HOST:PORT`. */
export function brokersFor(context: RenderContext, user: string): string[] {
  const need = context.declared.brokerUsers.find((candidate) => candidate.user === user);
  if (!need) throw new Error(`no service declares the broker user ${user}`);
  const login = `${need.login ?? need.user}:${context.secret(need.secret)}`;
  const { hosts, port } = take(context, 'messaging');
  return hosts.map((host) => `${login}@${host}:${port}`);
}

/** How a service logs in to Keystone, by the options of keystoneauth, for files that are not oslo.config's. */
export function serviceLogin(context: RenderContext, user: string) {
  const account = context.declared.accounts.find((candidate) => candidate.user === user);
  if (!account) throw new Error(`no service declares the account ${user}`);
  return {
    auth_type: 'password',
    auth_url: take(context, 'identity').url,
    username: account.login ?? user,
    password: context.secret(account.secret),
    project_name: 'service',
    user_domain_name: account.domain ?? 'Default',
    project_domain_name: 'Default',
    region_name: context.region,
  };
}

/** The same for any group of oslo.config that takes these options. */
export function serviceCredentials(context: RenderContext, user: string): Record<string, string> {
  const login = serviceLogin(context, user);
  return { ...login, password: literal(login.password) };
}

/** What every service's file has in common: logging, proxy headers. */
export function commonSections(context: RenderContext): OsloSections {
  return part('every service', {
    DEFAULT: { debug: context.debug ? true : undefined, use_stderr: true },
    oslo_middleware: { enable_proxy_headers_parsing: true },
  });
}

/** For services that cache what they look up with oslo.cache. */
export function cacheSections(context: RenderContext): OsloSections {
  return part('cache', {
    cache: {
      enabled: true,
      backend: 'oslo_cache.memcache_pool',
      memcache_servers: take(context, 'cache').servers.join(),
    },
  });
}

/** For APIs that check tokens. */
export function authTokenSections(context: RenderContext, user: string): OsloSections {
  return part('tokens', {
    keystone_authtoken: {
      ...serviceCredentials(context, user),
      www_authenticate_uri: take(context, 'identity').publicUrl,
      interface: 'internal',
      memcached_servers: take(context, 'cache').servers.join(),
      service_token_roles: 'service',
      service_token_roles_required: true,
    },
  });
}

/** For services that call others on behalf of a user: the call also carries the service's own token. */
export function serviceUserSections(context: RenderContext, user: string): OsloSections {
  const { region_name: _, ...credentials } = serviceCredentials(context, user);
  return part('service user', { service_user: { ...credentials, send_service_user_token: true } });
}

/**
 * For services on the message broker, notifications included. Every queue is a quorum queue, so that none is lost with
 * a node. A connection whose broker vanished without a word looks open until something is sent: hence heartbeats every
 * 5 s (threshold by rate), where 60 s and 20 s would be the defaults.
 */
export function messagingSections(context: RenderContext, user: string): OsloSections {
  return part('messages', {
    DEFAULT: { transport_url: literal(transportUrl(context, user)), rpc_response_timeout: 60 },
    oslo_messaging_rabbit: {
      rabbit_quorum_queue: true,
      rabbit_transient_quorum_queue: true,
      rabbit_retry_interval: 1,
      rabbit_interval_max: 2,
      heartbeat_timeout_threshold: 15,
      heartbeat_rate: 3,
    },
    oslo_messaging_notifications: notificationOptions(context),
  });
}

function notificationOptions(context: RenderContext): Section {
  const heard = context.offered('notifications');
  return heard ? { driver: heard.driver, topics: heard.topics.join() } : { driver: 'noop' };
}

/** For services that keep keys: Barbican or what else there is for Castellan. Unasked, it would look for a Barbican. */
export function keyManagerSections(context: RenderContext, withoutOne: Section): OsloSections {
  return context.offered('keyManager')?.castellan ?? { key_manager: withoutOne };
}
