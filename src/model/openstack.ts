/** Configuration that OpenStack services share, and the uWSGI file their APIs are served with. */

import { publicUrl, type RenderContext } from './context.ts';
import { file } from './make.ts';
import { literal, mergeSections, type OsloSections, renderOsloIni } from './oslo.ts';
import { CONFIG_DIR, type RenderedFile } from './workload.ts';

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

/**
 * The command of a job that brings schemas up to date, so that it can be run again after it was cut off. `file` says
 * where the databases are; `databases` are all that the command works on.
 */
export function schemaCommand(file: string, databases: string[], command: string[]): string[] {
  return ['/usr/local/bin/update-schema', file, ...databases, '--', ...command];
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

/** An oslo.config file of a process: Gantry's sections with what cloud.yaml overrides. */
export function osloFile(
  context: RenderContext,
  options: { name: string; process: string; gid: number; sections: OsloSections[] },
): RenderedFile {
  const sections = mergeSections(...options.sections, context.overrides(options.name, options.process));
  return file(`${CONFIG_DIR}/${options.name}`, renderOsloIni(sections), { gid: options.gid });
}

/**
 * The oslo.config file of a job. Of what cloud.yaml overrides it has only the groups that the job needs, and of
 * DEFAULT only the options: an option of an API runs no job again.
 */
export function osloJobFile(
  context: RenderContext,
  options: { name: string; job: string; gid: number; sections: OsloSections[] },
): RenderedFile {
  const needed = mergeSections(...options.sections);
  const overrides: OsloSections = {};
  for (const [group, given] of Object.entries(context.overrides(options.name, options.job))) {
    const isNeeded = ([option]: [string, unknown]) =>
      group !== 'DEFAULT' || needed.DEFAULT?.[option] !== undefined;
    if (needed[group]) overrides[group] = Object.fromEntries(Object.entries(given).filter(isNeeded));
  }
  const content = renderOsloIni(mergeSections(needed, overrides));
  return file(`${CONFIG_DIR}/${options.name}`, content, { gid: options.gid });
}

export interface WsgiOptions {
  module: string;
  port: number;
  workers: number;
  /** Request-handling threads of each worker; only for applications that are safe with them. */
  threads?: number;
  /**
   * Loads the application once and forks the workers from it, which halves the start and shares memory. Only for
   * applications that open nothing while they load, such as connections.
   */
  forked?: boolean;
  /**
   * Modules that are imported once, before the workers are forked, which then share the memory of what was imported:
   * for applications that cannot be loaded so far. Each worker still loads the application itself. The
   * modules come before the configuration is read: Neutron's did not work after that.
   */
  preload?: string[];
  gid: number;
  /** Logs each request that has a header, by its name in WSGI's environment, in the words of uWSGI's `log-format`. */
  logRequests?: { with: string; format: string };
  /** Environment the application reads its configuration paths from. */
  environment: Record<string, string>;
  extra?: Record<string, string>;
}

/** Connections that an API has not accepted yet: uWSGI's default. The kernel of a machine may forbid more. */
export const LISTEN_QUEUE = 100;

/**
 * The uWSGI file of an API. On SIGTERM it stops accepting, finishes what is under way and exits, so that a
 * replaced API fails no request. `start-time` is what Neutron's OVN hash ring is told apart by.
 */
export function uwsgiFile(options: WsgiOptions): RenderedFile {
  const settings: [string, string][] = [
    ['plugins', 'python3'],
    ['http-socket', `0.0.0.0:${options.port}`],
    ['module', options.module],
    ['master', 'true'],
    ['processes', String(options.workers)],
    ['threads', String(options.threads ?? 1)],
    ['enable-threads', 'true'],
    ['lazy-apps', options.forked ? 'false' : 'true'],
    ...beforeFork(options),
    ['need-app', 'true'],
    ['listen', String(LISTEN_QUEUE)],
    ['buffer-size', '65535'],
    ['post-buffering', '0'],
    ['socket-timeout', '60'],
    ['worker-reload-mercy', '30'],
    ['hook-master-start', 'unix_signal:15 gracefully_kill_them_all'],
    ['add-header', 'Connection: close'],
    ['start-time', '%t'],
    ...requestLog(options),
    ...Object.entries(options.environment).map(([name, value]): [string, string] => [
      'env',
      `${name}=${value}`,
    ]),
    ...Object.entries(options.extra ?? {}),
  ];
  const content = `[uwsgi]\n${settings.map(([key, value]) => `${key} = ${value}`).join('\n')}\n`;
  return file(`${CONFIG_DIR}/uwsgi.ini`, content, { gid: options.gid, secret: false });
}

/** Services log what they do themselves; what went wrong before they could is logged here. */
function requestLog({ logRequests: log }: WsgiOptions): [string, string][] {
  if (log) {
    return [
      ['log-format', log.format],
      ['route-if', `empty:\${${log.with}} donotlog:`],
    ];
  }
  return [
    ['disable-logging', 'true'],
    ['log-4xx', 'true'],
    ['log-5xx', 'true'],
  ];
}

/** What is done in the process that workers are forked from; with one worker there is nothing to share. */
function beforeFork({ workers, forked, preload = [] }: WsgiOptions): [string, string][] {
  if (workers < 2 || !(forked || preload.length > 0)) return [];
  return [
    ['pythonpath', '/usr/local/lib/gantry'],
    ...[...preload, 'before_fork'].map((module): [string, string] => ['shared-import', module]),
  ];
}

/** The command that serves an API with its uwsgiFile. */
export const uwsgiCommand = ['uwsgi', '--ini', `${CONFIG_DIR}/uwsgi.ini`];
