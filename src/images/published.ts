import { Agent, type Dispatcher, request } from 'undici';
import { GantryError, messageOf } from '../errors.ts';
import type { Account } from './account.ts';
import { readTrusted } from './trust.ts';

/** What manifests are asked for as: a registry answers 404 for an image of a kind that the client does not take. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const PLAIN = 'http://';
/** Longest wait for one answer, in milliseconds. */
const PATIENCE = 10_000;

export interface PublishedOptions {
  /**
   * Registry and optional path, such as registry.example.org:5000/cloud; after http:// where it is known to speak that.
   */
  registry: string;
  account: Account | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Which of these references (such as gantry/nova:0123456789ab) the registry has, asked for without taking
 * anything. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry
 * Throws `registry.unreachable` or `registry.refused`.
 */
export async function findPublished(
  references: readonly string[],
  { registry, account, signal }: PublishedOptions,
): Promise<string[]> {
  const plain = registry.startsWith(PLAIN);
  const [host = '', ...path] = registry
    .slice(plain ? PLAIN.length : 0)
    .replace(/\/+$/, '')
    .split('/');
  const ca = await readTrusted(host);
  const dispatcher = new Agent({
    connect: { timeout: PATIENCE, rejectUnauthorized: true, ...(ca ? { ca } : {}) },
    headersTimeout: PATIENCE,
    connections: 8,
  });
  try {
    const base = plain ? `${PLAIN}${host}` : await findScheme(host, dispatcher, signal);
    const tokens = new Map<string, Promise<string | undefined>>();
    const found = await Promise.all(
      references.map(async (reference) => {
        const colon = reference.lastIndexOf(':');
        const repository = [...path, reference.slice(0, colon)].join('/');
        const url = `${base}/v2/${repository}/manifests/${reference.slice(colon + 1)}`;
        const ask = { url, repository, account, dispatcher, signal, tokens };
        return (await exists(ask)) ? [reference] : [];
      }),
    );
    return found.flat();
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof GantryError) throw thrown;
    throw unreachable(host, thrown);
  } finally {
    await dispatcher.destroy();
  }
}

/** HTTPS, or plain HTTP where that is all that answers: registries inside a network are often run so. */
async function findScheme(host: string, dispatcher: Dispatcher, signal?: AbortSignal): Promise<string> {
  try {
    const { body } = await request(`https://${host}/v2/`, { dispatcher, signal });
    await body.dump();
    return `https://${host}`;
  } catch (thrown) {
    signal?.throwIfAborted();
    if (!speaksPlainHttp(thrown)) throw thrown;
    return `http://${host}`;
  }
}

function speaksPlainHttp(thrown: unknown): boolean {
  const { code = '', message = '' } = thrown as NodeJS.ErrnoException;
  return (
    code === 'EPROTO' || code.startsWith('ERR_SSL') || /wrong version number|packet length/i.test(message)
  );
}

interface Question {
  url: string;
  repository: string;
  account: Account | undefined;
  dispatcher: Dispatcher;
  signal: AbortSignal | undefined;
  /** Tokens by realm and scope. */
  tokens: Map<string, Promise<string | undefined>>;
}

async function exists(question: Question): Promise<boolean> {
  const first = await head(question, undefined);
  const answer =
    first.status === 401 ? await head(question, await authorize(question, first.challenge)) : first;
  if (answer.status === 200) return true;
  if (answer.status === 404) return false;
  const host = new URL(question.url).host;
  throw new GantryError({
    code: 'registry.refused',
    whose: 'environment',
    message: `the registry ${host} does not say whether it has ${question.repository}`,
    why: `It answered with HTTP ${answer.status}.`,
    next:
      answer.status === 401 || answer.status === 403
        ? `Log in: \`docker login ${host}\`.`
        : 'Check the registry.',
  });
}

async function head({ url, dispatcher, signal }: Question, authorization: string | undefined) {
  const { statusCode, headers, body } = await request(url, {
    method: 'HEAD',
    dispatcher,
    signal: signal ?? null,
    headers: { accept: manifestTypes, ...(authorization ? { authorization } : {}) },
  });
  await body.dump();
  return { status: statusCode, challenge: [headers['www-authenticate']].flat().join(', ') };
}

/** Answers a challenge: https://distribution.github.io/distribution/spec/auth/token/ */
async function authorize(question: Question, challenge: string): Promise<string | undefined> {
  const { account, repository, tokens } = question;
  const basic =
    account && 'username' in account
      ? `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`
      : undefined;
  if (!/^bearer /i.test(challenge)) return basic;
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = field('realm');
  if (!realm) return basic;
  const url = new URL(realm);
  url.searchParams.set('scope', `repository:${repository}:pull`);
  const service = field('service');
  if (service) url.searchParams.set('service', service);
  let token = tokens.get(url.href);
  if (!token) {
    token = fetchToken(url, basic, question);
    tokens.set(url.href, token);
  }
  return token;
}

async function fetchToken(
  url: URL,
  authorization: string | undefined,
  { dispatcher, signal }: Question,
): Promise<string | undefined> {
  const { statusCode, body } = await request(url, {
    dispatcher,
    signal: signal ?? null,
    ...(authorization ? { headers: { authorization } } : {}),
  });
  if (statusCode !== 200) {
    await body.dump();
    return undefined;
  }
  const { token, access_token: access } = (await body.json()) as { token?: string; access_token?: string };
  return `Bearer ${token ?? access}`;
}

function unreachable(host: string, thrown: unknown): GantryError {
  return new GantryError({
    code: 'registry.unreachable',
    whose: 'environment',
    message: `the registry ${host} cannot be asked from here`,
    why: messageOf(thrown),
    next: 'Start it, or correct images.registry in cloud.yaml. This machine and the nodes of the cluster must reach it by the same name.',
    cause: thrown,
  });
}
