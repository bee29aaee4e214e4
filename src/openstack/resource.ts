import { hasStatus } from './errors.ts';
import type { RequestOptions, Session } from './session.ts';

type Query = RequestOptions['query'];

const REMOVAL_TRIES = 5;
const REMOVAL_PAUSE_MS = 1000;

/** The calls that Identity, Network and Compute share: collections whose members are wrapped in their name. */
export interface Resource<T extends { id: string }> {
  list(session: Session, query?: Query): Promise<T[]>;
  /** The first that the query finds, or undefined. */
  find(session: Session, query: Query): Promise<T | undefined>;
  get(session: Session, id: string, options?: RequestOptions): Promise<T>;
  create(session: Session, values: object, options?: RequestOptions): Promise<T>;
  update(session: Session, id: string, values: object, options?: RequestOptions): Promise<T>;
  /** Says whether there was something to remove. */
  remove(session: Session, id: string): Promise<boolean>;
}

export interface ResourceKind {
  service: string;
  /** Below the API's version, such as `/security-groups`. */
  path: string;
  /** Where lists are to be had, if not at `path`. */
  listPath?: string;
  /** Names that wrap one member and many. */
  one: string;
  many: string;
  updateMethod?: 'PUT' | 'PATCH';
  microversion?: string;
}

export function defineResource<T extends { id: string }>(kind: ResourceKind): Resource<T> {
  const { service, path } = kind;
  const version = kind.microversion ? { microversion: kind.microversion } : {};
  const read = async (session: Session, method: string, at: string, options: RequestOptions) => {
    const { body } = await session.request<Record<string, unknown>>(service, method, at, {
      ...version,
      ...options,
    });
    return body;
  };

  const list = (session: Session, query: Query = {}): Promise<T[]> =>
    listAll(session, { service, path: kind.listPath ?? path, many: kind.many }, { ...version, query });

  return {
    list,
    find: async (session, query) => (await list(session, query))[0],
    get: async (session, id, options = {}) =>
      (await read(session, 'GET', `${path}/${id}`, options))[kind.one] as T,
    create: async (session, values, options = {}) =>
      (await read(session, 'POST', path, { json: { [kind.one]: values }, ...options }))[kind.one] as T,
    update: async (session, id, values, options = {}) => {
      const json = { [kind.one]: values };
      return (await read(session, kind.updateMethod ?? 'PATCH', `${path}/${id}`, { json, ...options }))[
        kind.one
      ] as T;
    },
    remove: (session, id) => removeAt(session, service, `${path}/${id}`, version),
  };
}

/**
 * A whole collection. Nova and Cinder give 1,000 at once (max_limit, osapi_max_limit), and a link to those after them
 * beside these.
 */
export async function listAll<T>(
  session: Session,
  { service, path, many }: Pick<ResourceKind, 'service' | 'path' | 'many'>,
  options: Pick<RequestOptions, 'query' | 'microversion'>,
): Promise<T[]> {
  const found: T[] = [];
  for (let marker: string | undefined; ; ) {
    const query = { ...options.query, ...(marker === undefined ? {} : { marker }) };
    const { body } = await session.request<Record<string, unknown>>(service, 'GET', path, {
      ...options,
      query,
    });
    found.push(...((body[many] ?? []) as T[]));
    const links = (body[`${many}_links`] ?? []) as { rel: string; href: string }[];
    const next = links.find(({ rel }) => rel === 'next');
    const after = next && new URL(next.href).searchParams.get('marker');
    if (!after || after === marker) return found;
    marker = after;
  }
}

/** DELETE where it does not matter whether there was anything; says whether there was. */
export async function removeAt(
  session: Session,
  service: string,
  path: string,
  options: RequestOptions = {},
): Promise<boolean> {
  try {
    await session.request(service, 'DELETE', path, options);
    return true;
  } catch (error) {
    if (hasStatus(error, 404)) return false;
    throw error;
  }
}

/** Removes what others may use for a moment longer; what is gone already is fine. */
export async function removeWhenFree(session: Session, remove: () => Promise<unknown>): Promise<void> {
  for (let left = REMOVAL_TRIES; ; left--) {
    try {
      await remove();
      return;
    } catch (error) {
      if (hasStatus(error, 404)) return;
      if (left <= 1 || !hasStatus(error, 409)) throw error;
    }
    await session.clock.sleep(REMOVAL_PAUSE_MS, session.signal);
  }
}
