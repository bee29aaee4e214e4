import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { GantryError, messageOf } from '../../src/errors.ts';

export interface TlsFiles {
  ca: string;
  cert: string;
  key: string;
}

/** Where an engine answers. */
export interface Endpoint {
  /** As the docker client writes it: unix:///var/run/docker.sock, tcp://host:2376, ssh://user@host. */
  address: string;
  /** Directory with ca.pem, cert.pem and key.pem, where the connection is by TLS. */
  tlsDirectory?: string;
  /** Where the choice came from, for messages. */
  from: string;
}

const defaultSocket = 'unix:///var/run/docker.sock';

/**
 * The engine that the docker client would talk to: DOCKER_HOST, then DOCKER_CONTEXT, then the current
 * context of its configuration, then the default socket.
 * Format of contexts: https://docs.docker.com/engine/manage-resources/contexts/
 */
export async function resolveEndpoint(env: NodeJS.ProcessEnv): Promise<Endpoint> {
  if (env.DOCKER_HOST) {
    const address = env.DOCKER_HOST.includes('://') ? env.DOCKER_HOST : `tcp://${env.DOCKER_HOST}`;
    const config = env.DOCKER_CONFIG || join(env.HOME ?? homedir(), '.docker');
    return {
      address,
      from: 'DOCKER_HOST',
      ...(env.DOCKER_TLS_VERIFY ? { tlsDirectory: env.DOCKER_CERT_PATH || config } : {}),
    };
  }
  const directory = env.DOCKER_CONFIG || join(env.HOME ?? homedir(), '.docker');
  const name = env.DOCKER_CONTEXT || (await currentContext(directory));
  if (!name || name === 'default') return { address: defaultSocket, from: 'the default socket' };
  return contextEndpoint(directory, name);
}

async function currentContext(directory: string): Promise<string | undefined> {
  const file = join(directory, 'config.json');
  const text = await readIfPresent(file);
  if (text === undefined) return undefined;
  try {
    return (JSON.parse(text) as { currentContext?: string }).currentContext;
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

async function contextEndpoint(directory: string, name: string): Promise<Endpoint> {
  const id = createHash('sha256').update(name).digest('hex');
  const text = await readIfPresent(join(directory, 'contexts', 'meta', id, 'meta.json'));
  const address = text && (JSON.parse(text) as ContextMeta).Endpoints?.docker?.Host;
  if (!address) {
    throw new GantryError({
      code: 'docker.unknown-context',
      whose: 'user',
      message: `The Docker context "${name}" does not exist`,
      next: '`docker context ls` lists them; DOCKER_CONTEXT or `docker context use` chooses one.',
    });
  }
  const tls = join(directory, 'contexts', 'tls', id, 'docker');
  const secured = (await readIfPresent(join(tls, 'cert.pem'))) !== undefined;
  return { address, from: `the Docker context "${name}"`, ...(secured ? { tlsDirectory: tls } : {}) };
}

interface ContextMeta {
  Endpoints?: { docker?: { Host?: string } };
}

/** Reads what TLS to an engine takes. */
export async function readTls(directory: string): Promise<TlsFiles> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFile(join(directory, file), 'utf8')),
  );
  return { ca: ca as string, cert: cert as string, key: key as string };
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}
