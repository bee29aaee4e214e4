import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { listNames, suggest } from '../../src/config/nearest.ts';
import { GantryError, messageOf } from '../../src/errors.ts';

/** PEM; the client's own pair is missing where only the engine shows a certificate. */
export interface TlsFiles {
  ca?: string;
  cert?: string;
  key?: string;
}

/** Where an engine answers. */
export interface Endpoint {
  /** As the docker client writes it: unix:///var/run/docker.sock, tcp://host:2376, ssh://user@host. */
  address: string;
  /** Directory with ca.pem, cert.pem and key.pem, where the connection is by TLS. */
  tlsDirectory?: string;
  /** True where the context says that the engine's certificate is not to be checked. */
  unverified?: boolean;
  /** Where the choice came from, for messages. */
  from: string;
}

const defaultSocket = 'unix:///var/run/docker.sock';

/**
 * The engine that the docker client would talk to: the context that is given (its --context), then DOCKER_HOST,
 * DOCKER_CONTEXT, the current context of its configuration, and the default socket.
 * Throws `docker.unknown-context` or `docker.invalid-config`, both the user's.
 * Format of contexts: https://docs.docker.com/engine/manage-resources/contexts/
 */
export async function resolveEndpoint(env: NodeJS.ProcessEnv, context?: string): Promise<Endpoint> {
  const directory = env.DOCKER_CONFIG || join(env.HOME ?? homedir(), '.docker');
  if (context && context !== 'default') return contextEndpoint(directory, context, 'context');
  if (env.DOCKER_HOST) {
    const address = env.DOCKER_HOST.includes('://') ? env.DOCKER_HOST : `tcp://${env.DOCKER_HOST}`;
    return {
      address,
      from: 'DOCKER_HOST',
      ...(env.DOCKER_TLS_VERIFY ? { tlsDirectory: env.DOCKER_CERT_PATH || directory } : {}),
    };
  }
  const config = join(directory, 'config.json');
  const name = context || env.DOCKER_CONTEXT || (await currentContext(config));
  if (!name || name === 'default') return { address: defaultSocket, from: 'the default socket' };
  return contextEndpoint(directory, name, env.DOCKER_CONTEXT ? 'DOCKER_CONTEXT' : config);
}

async function currentContext(file: string): Promise<string | undefined> {
  return (await readJson<{ currentContext?: string }>(file))?.currentContext;
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readIfPresent(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (thrown) {
    throw new GantryError({
      code: 'docker.invalid-config',
      whose: 'user',
      message: `${file} is not valid JSON`,
      why: messageOf(thrown),
      next: 'Repair or remove the file, or set DOCKER_HOST.',
      cause: thrown,
    });
  }
}

async function contextEndpoint(directory: string, name: string, from: string): Promise<Endpoint> {
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = join(directory, 'contexts');
  const meta = await readJson<ContextMeta>(join(contexts, 'meta', id, 'meta.json'));
  const endpoint = meta?.Endpoints?.docker;
  if (!endpoint?.Host) {
    const valid = ['default', ...(await contextNames(join(contexts, 'meta')))];
    throw new GantryError({
      code: 'docker.unknown-context',
      whose: 'user',
      message: `The Docker context "${name}" (from ${from}) ${
        meta ? 'has no address of an engine' : `does not exist${suggest(name, valid)}`
      }`,
      ...(meta ? {} : { why: listNames('Contexts', valid) }),
      next: '`docker context ls` lists them, `docker context create` makes one.',
    });
  }
  const tls = join(contexts, 'tls', id, 'docker');
  const secured = Object.keys(await readTls(tls)).length > 0;
  return {
    address: endpoint.Host,
    from: `the Docker context "${name}"`,
    ...(secured ? { tlsDirectory: tls } : {}),
    ...(endpoint.SkipTLSVerify ? { unverified: true } : {}),
  };
}

interface ContextMeta {
  Name?: string;
  Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
}

/** The names of all contexts that can be read; each is a directory named by the hash of its name. */
async function contextNames(directory: string): Promise<string[]> {
  const ids = await readdir(directory).catch(() => []);
  const metas = await Promise.all(
    ids.map((id) => readJson<ContextMeta>(join(directory, id, 'meta.json')).catch(() => undefined)),
  );
  return metas.flatMap((meta) => meta?.Name ?? []).sort();
}

/** Reads what TLS to an engine takes, as far as it is there. */
export async function readTls(directory: string): Promise<TlsFiles> {
  const tls: TlsFiles = {};
  for (const part of ['ca', 'cert', 'key'] as const) {
    const text = await readIfPresent(join(directory, `${part}.pem`));
    if (text !== undefined) tls[part] = text;
  }
  return tls;
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}
