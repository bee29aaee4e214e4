import { Agent } from 'node:https';
import Docker from 'dockerode';
import { GantryError, messageOf } from '../../src/errors.ts';
import { type Endpoint, readTls, resolveEndpoint } from './endpoint.ts';

/** A connection to an engine that answered and is new enough. */
export interface DockerClient {
  docker: Docker;
  address: string;
  /** Version of the engine, such as 20.10.24. */
  version: string;
  /** The API that is spoken, such as 1.41. */
  apiVersion: string;
  /** True when containers' own addresses can be reached from here: an engine on this Linux machine. */
  local: boolean;
}

/** API 1.41 came with Docker Engine 20.10. */
const oldestApi = [1, 41] as const;
/** The newest API this was written against; a newer engine is asked for this one. */
const newestApi = [1, 51] as const;

/**
 * Connects to the engine that the context or the environment names and agrees on an API version.
 * Throws `docker.unreachable` or `docker.too-old`, both the environment's, and what resolveEndpoint throws.
 */
export async function createDockerClient(env: NodeJS.ProcessEnv, context?: string): Promise<DockerClient> {
  const endpoint = await resolveEndpoint(env, context);
  const options = await connectionOptions(endpoint, env);
  let version: Awaited<ReturnType<Docker['version']>>;
  try {
    version = await new Docker({ ...options, timeout: 10_000 }).version();
  } catch (thrown) {
    throw unreachable(endpoint, thrown);
  }
  const apiVersion = negotiate(version.ApiVersion, version.MinAPIVersion, version.Version);
  const platform = (version as { Platform?: { Name?: string } }).Platform?.Name ?? '';
  return {
    docker: new Docker({ ...options, version: `v${apiVersion}` }),
    address: endpoint.address,
    version: version.Version,
    apiVersion,
    local: endpoint.address.startsWith('unix:') && process.platform === 'linux' && !/desktop/i.test(platform),
  };
}

/** The newest API version that both sides know. */
export function negotiate(newest: string, oldest: string | undefined, engine: string): string {
  const offered = parseVersion(newest);
  if (compare(offered, oldestApi) < 0) {
    throw new GantryError({
      code: 'docker.too-old',
      whose: 'environment',
      message: `Docker Engine ${engine} is too old`,
      why: `It speaks API ${newest}; Gantry needs ${oldestApi.join('.')}.`,
      next: 'Install Docker Engine 20.10 or newer (Debian 12 and 13 have it as docker.io).',
    });
  }
  if (compare(offered, newestApi) <= 0) return newest;
  const floor = parseVersion(oldest ?? newestApi.join('.'));
  return (compare(floor, newestApi) > 0 ? floor : newestApi).join('.');
}

function parseVersion(text: string): readonly [number, number] {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  return [major, minor];
}

function compare(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0] || a[1] - b[1];
}

/**
 * Every field is given, also as undefined: docker-modem fills in what is missing from the process's own
 * environment, which is not necessarily `env`.
 */
async function connectionOptions(endpoint: Endpoint, env: NodeJS.ProcessEnv): Promise<Docker.DockerOptions> {
  const none = { host: undefined, port: undefined, socketPath: undefined };
  if (endpoint.address.startsWith('unix://')) {
    return { ...none, protocol: 'http', socketPath: endpoint.address.slice('unix://'.length) };
  }
  let url: URL;
  try {
    url = new URL(endpoint.address);
  } catch (thrown) {
    throw new GantryError({
      code: 'docker.invalid-host',
      whose: 'user',
      message: `"${endpoint.address}" from ${endpoint.from} is not an address of an engine`,
      next: 'Use unix:///path, tcp://host:port or ssh://user@host.',
      cause: thrown,
    });
  }
  if (url.protocol === 'ssh:') {
    return {
      ...none,
      protocol: 'ssh',
      host: url.hostname,
      port: url.port || 22,
      username: url.username || env.USER,
      sshOptions: { agent: env.SSH_AUTH_SOCK },
    } as Docker.DockerOptions;
  }
  const tls = endpoint.tlsDirectory ? await readTls(endpoint.tlsDirectory) : {};
  return {
    ...none,
    protocol: endpoint.tlsDirectory || url.protocol === 'https:' ? 'https' : 'http',
    host: url.hostname,
    port: url.port || (endpoint.tlsDirectory ? 2376 : 2375),
    ...tls,
    ...(endpoint.unverified ? { agent: new Agent({ rejectUnauthorized: false }) } : {}),
  };
}

function unreachable(endpoint: Endpoint, thrown: unknown): GantryError {
  const code = (thrown as NodeJS.ErrnoException).code;
  const denied = code === 'EACCES';
  return new GantryError({
    code: 'docker.unreachable',
    whose: 'environment',
    message: `No Docker Engine answers at ${endpoint.address} (from ${endpoint.from})`,
    why: messageOf(thrown),
    next: denied
      ? 'Run as root or as a member of the group docker.'
      : 'Start the engine (`systemctl start docker`), or let Gantry install it on Debian: `gantry up --install-engine`. Set DOCKER_HOST for an engine elsewhere.',
    cause: thrown,
  });
}
