/** The uWSGI file that APIs of OpenStack are served with. */

import { file } from '../../src/model/make.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';

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
   * Modules that are imported once, before the workers and what is beside them are forked, which then share the memory of what was imported:
   * for applications that cannot be loaded so far. Each worker still loads the application itself. The
   * modules come before the configuration is read: Neutron's did not work after that.
   */
  preload?: string[];
  /**
   * A script of the image in a process of its own beside the workers, forked from where the application was loaded, so that
   * it is for one that is `forked`. Where it ends it is started again.
   */
  beside?: string;
  gid: number;
  /** Logs each request that has a header, by its name in WSGI's environment, in the words of uWSGI's `log-format`. */
  logRequests?: { with: string; format: string };
  /** Environment the application reads its configuration paths from. */
  environment: Record<string, string>;
  extra?: Record<string, string>;
}

/** Where images have Gantry's own modules of Python. */
const IMAGE_MODULES = '/usr/local/lib/gantry';

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

/** What is done in the process that others are forked from; with one worker alone there is nothing to share. */
function beforeFork({ workers, forked, preload = [], beside }: WsgiOptions): [string, string][] {
  if (!beside && (workers < 2 || !(forked || preload.length > 0))) return [];
  return [
    ['pythonpath', IMAGE_MODULES],
    ...[...preload, 'before_fork'].map((module): [string, string] => ['shared-import', module]),
    ...(beside ? [['mule', `${IMAGE_MODULES}/${beside}`] satisfies [string, string]] : []),
  ];
}

/** The command that serves an API with its uwsgiFile. */
export const uwsgiCommand = ['uwsgi', '--ini', `${CONFIG_DIR}/uwsgi.ini`];
