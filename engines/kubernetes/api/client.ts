import * as http from 'node:http';
import * as https from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { GantryError, messageOf } from '../../../src/errors.ts';
import { ApiFailure, isAbort, unreachable } from './failure.ts';
import { importWebSocketHandler, type KubeConfig } from './library.ts';
import type { Status } from './objects.ts';
import { type ApiWarning, readWarnings } from './warnings.ts';

export interface RequestOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: object;
  /** Of the body. A PATCH names its kind by it. */
  contentType?: string;
  accept?: string;
  /** For what is known to be deprecated, and on its way out. */
  ignoreWarnings?: boolean;
  signal?: AbortSignal | undefined;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** An open channel stream: see `openSocket`. */
export interface Socket {
  /** `sent` is called when the data has left this machine: whoever sends much waits for that. */
  send(channel: number, data: Buffer, sent?: () => void): void;
  /** Stops and goes on with reading. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface SocketHandlers {
  onData(channel: number, data: Buffer): void;
  onClose(reason: string): void;
}

/** Calls of one API server with the credentials of a kubeconfig. */
export interface ClusterApi {
  context: string;
  server: string;
  /** The parsed answer. Throws ApiFailure for what is refused, `kubernetes.unreachable` where nothing answers. */
  request<T>(method: Method, path: string, options?: RequestOptions): Promise<T>;
  /** As request, with the status of the answer: 201 for what was made. */
  send<T>(method: Method, path: string, options?: RequestOptions): Promise<{ httpStatus: number; body: T }>;
  /** An answer that goes on, such as a log that is followed. */
  stream(path: string, options?: RequestOptions): Promise<http.IncomingMessage>;
  /** A WebSocket with the channels of exec and port-forward; `path` has its query. */
  openSocket(path: string, handlers: SocketHandlers, signal?: AbortSignal): Promise<Socket>;
  close(): void;
}

const CONNECT_LIMIT = 10_000;
const ATTEMPTS = 4;
/** Simultaneous connections: the API server's own limits are far above. */
const CONNECTIONS = 24;

interface Access {
  options: https.RequestOptions;
  agent: http.Agent;
}

export interface ClusterApiOptions {
  /** Is given all that the API server warns of, also what it has said before. */
  onWarning?(warning: ApiWarning): void;
}

export function createClusterApi(config: KubeConfig, { onWarning }: ClusterApiOptions = {}): ClusterApi {
  const context = config.getCurrentContext();
  const server = (config.getCurrentCluster()?.server ?? '').replace(/\/+$/, '');
  let access: Promise<Access> | undefined;
  const authorize = (fresh: boolean): Promise<Access> => {
    if (fresh || !access) {
      access?.then(({ agent }) => agent.destroy()).catch(() => undefined);
      access = authenticate(config, context);
    }
    return access;
  };

  const open = async (method: Method, path: string, options: RequestOptions) => {
    for (let attempt = 1; ; attempt++) {
      options.signal?.throwIfAborted();
      try {
        const answer = await callOnce(await authorize(false), server, method, path, options);
        const httpStatus = answer.statusCode ?? 0;
        if (!options.ignoreWarnings) {
          for (const warning of readWarnings(answer))
            onWarning?.({ text: warning, request: `${method} ${path}` });
        }
        if (httpStatus < 400) return answer;
        const failure = new ApiFailure(httpStatus, parseStatus(await text(answer)), `${method} ${path}`);
        // Short-lived credentials are asked for anew once.
        if (httpStatus === 401 && attempt === 1) await authorize(true);
        else if (attempt >= ATTEMPTS || !canRepeat(method, httpStatus)) throw failure;
      } catch (thrown) {
        options.signal?.throwIfAborted();
        if (thrown instanceof ApiFailure || thrown instanceof GantryError) throw thrown;
        if (attempt >= ATTEMPTS || !isInterruption(method, thrown))
          throw unreachable(server, context, thrown);
      }
      await sleep(100 * 3 ** (attempt - 1), undefined, options.signal ? { signal: options.signal } : {});
    }
  };
  const send = async <T>(method: Method, path: string, options: RequestOptions = {}) => {
    const answer = await open(method, path, options);
    const content = await text(answer);
    return { httpStatus: answer.statusCode ?? 0, body: (content ? JSON.parse(content) : undefined) as T };
  };
  return {
    context,
    server,
    send,
    request: async <T>(method: Method, path: string, options?: RequestOptions) =>
      (await send<T>(method, path, options)).body,
    stream: (path, options = {}) => open('GET', path, options),
    openSocket: (path, handlers, signal) => openSocket(config, { server, context, path, handlers, signal }),
    close: () => {
      access?.then(({ agent }) => agent.destroy()).catch(() => undefined);
    },
  };
}

async function authenticate(config: KubeConfig, context: string): Promise<Access> {
  const options: https.RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (thrown) {
    throw new GantryError({
      code: 'kubernetes.credentials',
      whose: 'user',
      message: `the credentials of context ${context} could not be read`,
      why: messageOf(thrown),
      next: 'Check the user in the kubeconfig: its files, and the program that it gets credentials from.',
      cause: thrown,
    });
  }
  const agent = options.agent as http.Agent & { keepAlive: boolean };
  // The library offers no setting for this; without it each of some hundred calls makes a TLS connection.
  agent.keepAlive = true;
  agent.maxSockets = CONNECTIONS;
  return { options, agent };
}

function callOnce(
  { options, agent }: Access,
  server: string,
  method: Method,
  path: string,
  { query, body, contentType = 'application/json', accept = 'application/json', signal }: RequestOptions,
): Promise<http.IncomingMessage> {
  const url = new URL(server + path);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).request(url, {
      ...options,
      agent,
      method,
      headers: {
        ...(options.headers as http.OutgoingHttpHeaders),
        accept,
        ...(content ? { 'content-type': contentType, 'content-length': content.length } : {}),
      },
      ...(signal ? { signal } : {}),
    });
    request.on('socket', (socket) => {
      if (!socket.connecting) return;
      const limit = setTimeout(() => {
        request.destroy(Object.assign(new Error('no connection within 10 s'), { code: 'ETIMEDOUT' }));
      }, CONNECT_LIMIT);
      socket.once('connect', () => clearTimeout(limit));
      socket.once('close', () => clearTimeout(limit));
    });
    request.once('response', resolve);
    request.on('error', reject);
    request.end(content);
  });
}

function parseStatus(content: string): Status {
  try {
    return JSON.parse(content) as Status;
  } catch {
    return { message: content.trim().slice(0, 300) };
  }
}

/** Too many requests, or a server that is just coming up or going down. */
function canRepeat(method: Method, httpStatus: number): boolean {
  return httpStatus === 429 || (method !== 'POST' && [500, 502, 503, 504].includes(httpStatus));
}

/** A connection that broke off: what is asked for once more does no harm, but what is made might be there already. */
function isInterruption(method: Method, thrown: unknown): boolean {
  const { code } = thrown as NodeJS.ErrnoException;
  return method !== 'POST' && (code === 'ECONNRESET' || code === 'EPIPE');
}

/** What is used of the client library's WebSocket, whose own types are not part of it. */
interface WebSocketLike {
  readyState: number;
  OPEN: number;
  send(data: Buffer, sent?: () => void): void;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
  addEventListener(name: 'close' | 'error', listener: (event: { reason?: string }) => void): void;
}

interface SocketInput {
  server: string;
  context: string;
  path: string;
  handlers: SocketHandlers;
  signal: AbortSignal | undefined;
}

async function openSocket(
  config: KubeConfig,
  { server, context, path, handlers, signal }: SocketInput,
): Promise<Socket> {
  signal?.throwIfAborted();
  const { WebSocketHandler } = await importWebSocketHandler();
  // The library would end these streams on its own when the server ends one; none of them is this process's.
  const { PassThrough } = await import('node:stream');
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const handler = new WebSocketHandler(config, undefined, streams);
  let socket: WebSocketLike;
  try {
    socket = await handler.connect(path, null, (channel, data) => {
      if (channel !== WebSocketHandler.CloseStream) handlers.onData(channel, data);
      return true;
    });
  } catch (thrown) {
    throw socketFailure(server, context, path, thrown);
  }
  const close = (): void => socket.terminate();
  signal?.addEventListener('abort', close, { once: true });
  socket.addEventListener('error', () => close());
  socket.addEventListener('close', ({ reason }) => {
    signal?.removeEventListener('abort', close);
    handlers.onClose(reason ?? '');
  });
  if (signal?.aborted) close();
  return {
    send: (channel, data, sent) => {
      if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([Buffer.of(channel), data]), sent);
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.close(),
  };
}

/** The library tells the status of a refused upgrade in the text of its error only. */
function socketFailure(server: string, context: string, path: string, thrown: unknown): unknown {
  if (isAbort(thrown)) return thrown;
  const error = (thrown as { error?: unknown }).error ?? thrown;
  const code = /Unexpected server response: (\d+)/.exec(messageOf(error))?.[1];
  if (code) return new ApiFailure(Number(code), {}, path.split('?')[0] ?? path);
  return unreachable(server, context, error);
}
