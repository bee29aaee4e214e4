import type { Agent } from 'undici';
import type { Clock } from '../model/clock.ts';
import { type CatalogueService, findEndpoint, type Interface, versionedRoot } from './catalogue.ts';
import { systemClock } from './clock.ts';
import { ApiError, hasStatus, readErrorText } from './errors.ts';
import { type BodyStream, type HttpAnswer, openConnections, type Route, send, withoutQuery } from './http.ts';
import { type Credentials, requestToken, type Token } from './token.ts';

export interface SessionOptions extends Credentials {
  /** Keystone's URL, such as `https://127.0.0.1:5000/v3`. */
  authUrl: string;
  /** PEM of the authority that signed the endpoints' certificates; the system's authorities where not given. */
  ca?: string;
  /** The way to the endpoints where they are not reached by their names, as internal ones are from outside. */
  route?: Route;
  /** Which of a service's endpoints to use. */
  interface: Interface;
  region: string;
  /** URLs to use in place of the catalogue's, by service type. */
  endpointOverride?: Record<string, string>;
  signal?: AbortSignal;
  clock?: Clock;
}

export interface RequestOptions {
  json?: unknown;
  /** Sent as it is; give `content-type` and, where known, `content-length` in `headers`. */
  stream?: BodyStream;
  headers?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  /** Of the service's own numbering, such as `2.90`. */
  microversion?: string;
  /** For the complete answer; 60 s where not given. */
  timeoutMs?: number;
  /** How long to try again while the API cannot be reached; 20 s where not given. */
  retryMs?: number;
  /** Send no token. */
  anonymous?: boolean;
  /** Never to appear in an error, even if the API quotes them. */
  secrets?: readonly string[];
}

export interface ApiAnswer<T> {
  status: number;
  headers: Record<string, string>;
  body: T;
}

/** Calls to one cloud as one user. */
export interface Session {
  readonly authUrl: string;
  readonly userId: string;
  readonly projectId: string | undefined;
  readonly region: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** For what is not an API of the catalogue, such as the pages of the console. */
  readonly connections: Agent;
  readonly catalogue: readonly CatalogueService[];
  /** The endpoint of a service as registered. Throws `openstack.no-endpoint`. */
  endpoint(service: string): string;
  /** The X-Auth-Token to send; renewed before it runs out. */
  token(): Promise<string>;
  /** Calls an API; `path` starts below its version. Throws ApiError where the status is 400 or more. */
  request<T>(service: string, method: string, path: string, options?: RequestOptions): Promise<ApiAnswer<T>>;
  /** Like request, and hands over the answer's body as it arrives. */
  download(service: string, path: string, options?: RequestOptions): Promise<ApiAnswer<HttpAnswer['body']>>;
  /** The same user and connections with another signal, such as for cleaning up after an interruption. */
  withSignal(signal: AbortSignal): Session;
  /** Another user over the same connections. */
  as(credentials: Credentials): Promise<Session>;
  /** Closes the connections of this session and of all that were made from it. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 60_000;
const RETRY_MS = 20_000;
/** A token is renewed when this little of its life is left. */
const RENEW_BEFORE_MS = 120_000;

/** Logs in. Throws ApiError (`openstack.identity.401` and others) or `openstack.unreachable`. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const connections = openConnections(options);
  try {
    return await logIn(options, connections);
  } catch (error) {
    await connections.destroy();
    throw error;
  }
}

async function logIn(options: SessionOptions, connections: Agent): Promise<Session> {
  const signal = options.signal ?? new AbortController().signal;
  const clock = options.clock ?? systemClock;
  const authenticate = (): Promise<Token> =>
    requestToken({ authUrl: options.authUrl, credentials: options, connections, clock, signal });
  return buildSession(
    options,
    connections,
    new TokenKeeper(await authenticate(), authenticate, clock),
    signal,
  );
}

/** Holds the token that all sessions of one user share; several requests at once renew it only once. */
class TokenKeeper {
  private renewal: Promise<Token> | undefined;

  constructor(
    public current: Token,
    private readonly authenticate: () => Promise<Token>,
    private readonly clock: Clock,
  ) {}

  async valid(): Promise<Token> {
    const fresh = this.current.expiresAt - this.clock.now() > RENEW_BEFORE_MS;
    return fresh ? this.current : this.renew(this.current);
  }

  /** Replaces `refused`, unless another request has done so meanwhile. */
  renew(refused: Token): Promise<Token> {
    if (refused !== this.current) return Promise.resolve(this.current);
    this.renewal ??= this.authenticate()
      .then((token) => {
        this.current = token;
        return token;
      })
      .finally(() => {
        this.renewal = undefined;
      });
    return this.renewal;
  }
}

function buildSession(
  options: SessionOptions,
  connections: Agent,
  tokens: TokenKeeper,
  signal: AbortSignal,
): Session {
  const clock = options.clock ?? systemClock;

  const endpoint = (service: string): string =>
    options.endpointOverride?.[service]?.replace(/\/+$/, '') ??
    findEndpoint(tokens.current.catalogue, service, options);

  const call = async (
    service: string,
    method: string,
    path: string,
    wanted: RequestOptions,
    token: Token | undefined,
  ): Promise<HttpAnswer> => {
    const url = versionedRoot(service, endpoint(service)) + path + queryText(wanted.query);
    const answer = await send(connections, clock, {
      method,
      url,
      headers: requestHeaders(service, wanted, token?.id),
      body: wanted.stream ?? (wanted.json === undefined ? undefined : JSON.stringify(wanted.json)),
      timeoutMs: wanted.timeoutMs ?? TIMEOUT_MS,
      retryMs: wanted.retryMs ?? RETRY_MS,
      signal,
    });
    if (answer.status < 400) return answer;
    throw new ApiError({
      service,
      request: `${method} ${withoutQuery(url)}`,
      status: answer.status,
      text: readErrorText(await answer.text(), wanted.secrets),
      requestId: answer.headers['x-openstack-request-id'] ?? answer.headers['x-compute-request-id'],
    });
  };

  const exchange = async (service: string, method: string, path: string, wanted: RequestOptions) => {
    if (wanted.anonymous) return call(service, method, path, wanted, undefined);
    const token = await tokens.valid();
    try {
      return await call(service, method, path, wanted, token);
    } catch (error) {
      // A token stops being valid early when Keystone's keys are rotated or a password changes.
      if (!hasStatus(error, 401) || wanted.stream) throw error;
      return call(service, method, path, wanted, await tokens.renew(token));
    }
  };

  return {
    authUrl: options.authUrl,
    userId: tokens.current.userId,
    projectId: tokens.current.projectId,
    region: options.region,
    signal,
    clock,
    connections,
    catalogue: tokens.current.catalogue,
    endpoint,
    token: async () => (await tokens.valid()).id,
    request: async <T>(service: string, method: string, path: string, wanted: RequestOptions = {}) => {
      const answer = await exchange(service, method, path, wanted);
      const text = await answer.text();
      return {
        status: answer.status,
        headers: answer.headers,
        body: (text ? JSON.parse(text) : undefined) as T,
      };
    },
    download: (service, path, wanted = {}) => exchange(service, 'GET', path, wanted),
    withSignal: (other) => buildSession(options, connections, tokens, other),
    as: (credentials) => logIn({ ...options, ...blankCredentials, ...credentials, signal }, connections),
    close: () => connections.destroy(),
  };
}

const blankCredentials = {
  applicationCredential: undefined,
  project: undefined,
  projectDomain: undefined,
  userDomain: undefined,
  system: undefined,
};

/** What an API calls itself where it is asked for a microversion, if not by its type (cinder/api/openstack/api_version_request.py). */
const versionedTypes: Record<string, string> = { 'block-storage': 'volume' };

function requestHeaders(service: string, wanted: RequestOptions, token?: string): Record<string, string> {
  return {
    accept: 'application/json',
    ...(wanted.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token ? { 'x-auth-token': token } : {}),
    ...(wanted.microversion
      ? { 'openstack-api-version': `${versionedTypes[service] ?? service} ${wanted.microversion}` }
      : {}),
    ...wanted.headers,
  };
}

function queryText(query: RequestOptions['query'] = {}): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as [string, string]],
  );
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}
