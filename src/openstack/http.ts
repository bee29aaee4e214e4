import type { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import { GantryError, messageOf } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import { timeLimit } from '../time-limit.ts';

/** A request body that is not JSON. It is read once, so such a request is never repeated. */
export type BodyStream = Readable | AsyncIterable<Uint8Array>;

export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string | BodyStream;
  /** For the answer to arrive completely, of one try. */
  timeoutMs: number;
  /** For tries after connection errors and 502, 503, 504. 0 means one try. */
  retryMs: number;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: Dispatcher.ResponseData['body'];
  /** The whole body; fails like send. */
  text(): Promise<string>;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2000;
const RETRIED_STATUSES = [502, 503, 504];
/** Nothing of the request can have reached the API. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH'];
const LOST = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ETIMEDOUT'];
const METHODS_SAFE_TO_REPEAT = ['GET', 'HEAD', 'PUT', 'DELETE'];

/** Where connections to a URL's port are made, whatever its host. */
export type Route = (port: number) => Promise<{ host: string; port: number }>;

/** Connections that are kept open and, where `ca` (PEM) is given, trust only that authority. */
export function openConnections({ ca, route }: { ca?: string; route?: Route } = {}): Agent {
  const how = { timeout: 5000, ...(ca ? { ca } : {}) };
  return new Agent({
    connections: 16,
    keepAliveTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: route ? routed(buildConnector(how), route) : how,
  });
}

function routed(connector: buildConnector.connector, route: Route): buildConnector.connector {
  return (options, callback) => {
    route(Number(options.port)).then(
      ({ host, port }) => connector({ ...options, hostname: host, port: String(port) }, callback),
      (error) => callback(error, null),
    );
  };
}

/**
 * Sends one request. Tries again, while `retryMs` last, when nothing was sent or when the request may be repeated.
 * Throws `openstack.unreachable`, `openstack.timeout`, or the reason of the signal.
 */
export async function send(agent: Agent, clock: Clock, wanted: HttpRequest): Promise<HttpAnswer> {
  const repeatable = METHODS_SAFE_TO_REPEAT.includes(wanted.method) && isText(wanted.body);
  const deadline = clock.now() + wanted.retryMs;
  for (let pause = FIRST_DELAY_MS; ; pause = Math.min(pause * 2, LONGEST_DELAY_MS)) {
    wanted.signal.throwIfAborted();
    const last = clock.now() + pause > deadline;
    try {
      const answer = await sendOnce(agent, wanted);
      if (last || !repeatable || !RETRIED_STATUSES.includes(answer.status)) return answer;
      await answer.body.dump();
    } catch (error) {
      wanted.signal.throwIfAborted();
      if (last || !mayRetry(error, repeatable, isText(wanted.body))) throw explain(error, wanted);
    }
    await clock.sleep(pause, wanted.signal);
  }
}

async function sendOnce(agent: Agent, wanted: HttpRequest): Promise<HttpAnswer> {
  const answer = await request(wanted.url, {
    dispatcher: agent,
    method: wanted.method as Dispatcher.HttpMethod,
    headers: wanted.headers,
    body: wanted.body as Dispatcher.DispatchOptions['body'],
    signal: AbortSignal.any([wanted.signal, timeLimit(wanted.timeoutMs)]),
  });
  return {
    status: answer.statusCode,
    headers: singleValues(answer.headers),
    body: answer.body,
    text: async () => {
      try {
        return await answer.body.text();
      } catch (error) {
        wanted.signal.throwIfAborted();
        throw explain(error, wanted);
      }
    },
  };
}

function isText(body: HttpRequest['body']): boolean {
  return body === undefined || typeof body === 'string';
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

function mayRetry(error: unknown, repeatable: boolean, resendable: boolean): boolean {
  const code = codeOf(error);
  return (resendable && NOT_SENT.includes(code)) || (repeatable && LOST.includes(code));
}

function explain(error: unknown, wanted: HttpRequest): GantryError {
  const { origin } = new URL(wanted.url);
  if ((error as Error).name === 'TimeoutError') {
    return new GantryError({
      code: 'openstack.timeout',
      whose: 'environment',
      message: `${wanted.method} ${withoutQuery(wanted.url)} had no answer within ${wanted.timeoutMs / 1000} s`,
      cause: error,
    });
  }
  const untrusted = /CERT|SIGNED|ISSUER|SIGNATURE|ALTNAME/.test(codeOf(error));
  return new GantryError({
    code: untrusted ? 'openstack.untrusted' : 'openstack.unreachable',
    whose: 'environment',
    message: untrusted ? `the certificate of ${origin} is not trusted` : `${origin} cannot be reached`,
    why: messageOf(error),
    cause: error,
  });
}

/** A URL as it may be shown: queries can carry tokens. */
export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function singleValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
