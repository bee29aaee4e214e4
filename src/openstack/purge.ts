import { hasStatus } from './errors.ts';
import { type Resource, removeWhenFree } from './resource.ts';
import type { RequestOptions, Session } from './session.ts';

/** What users make of a service, and how it goes: the default export of `catalogue/SERVICE/purge.ts`. */
export interface ServicePurge {
  layer: (typeof layers)[number];
  /** In the order of removal: what uses others goes first. */
  kinds: readonly Kind[];
  /** Removes what only a user can reach, before the user goes. */
  purgeUser?(admin: Session, userId: string): Promise<void>;
}

/** In the order of removal: what makes others and would miss them, what uses what other services have, that, and those to whom it belongs. */
const layers = ['stacks', 'workloads', 'resources', 'owners'] as const;

export interface Found {
  id: string;
  name?: string | null;
  description?: string | null;
  device_owner?: string;
  /** Whose it is: each API has a name of its own for that. */
  project_id?: string;
  tenant_id?: string;
  owner?: string;
}

/** A kind of thing that users make. All that is done to it is done as an administrator. */
export interface Kind {
  what: string;
  list(admin: Session): Promise<Found[]>;
  /** At least those of a project; undefined where they belong to none. */
  listOf: ((admin: Session, projectId: string) => Promise<Found[]>) | undefined;
  remove(admin: Session, id: string): Promise<unknown>;
  /** Things of all kinds may belong to one of these. */
  holds?: 'project' | 'user';
  /** Goes by itself with what it belongs to where it cannot be removed. */
  dependent?: (found: Found) => boolean;
}

type Query = RequestOptions['query'];

/** @param given the queries that find all, and those of a project; how one is removed, if not by DELETE alone */
export function kind(
  what: string,
  resource: Resource<{ id: string }>,
  given: { all?: Query; of?: (projectId: string) => Query; remove?: Kind['remove'] } = {},
): Kind {
  const { all, of, remove = resource.remove } = given;
  return {
    what,
    list: (admin) => resource.list(admin, all),
    listOf: of && ((admin, projectId) => resource.list(admin, of(projectId))),
    remove,
  };
}

/** All kinds of things, in the order of removal. */
export function kindsOf(services: readonly ServicePurge[]): Kind[] {
  return layers.flatMap((layer) =>
    services.filter((service) => service.layer === layer).flatMap(({ kinds }) => kinds),
  );
}

export function projectOf({ project_id, tenant_id, owner }: Found): string | undefined {
  return project_id ?? tenant_id ?? owner;
}

/**
 * Removes what a project holds of these services; the project itself stays. `admin` is an administrator's session. Goes
 * on after a failure, so that as little as possible is left, then throws the first one.
 */
export async function purgeProject(
  admin: Session,
  services: readonly ServicePurge[],
  projectId: string,
): Promise<void> {
  const failures: unknown[] = [];
  const attempt = (work: Promise<unknown>): Promise<unknown> => work.catch((error) => failures.push(error));
  const purge = async ({ listOf, remove, dependent }: Kind): Promise<void> => {
    const found = listOf ? await orNone(listOf(admin, projectId)) : [];
    const ours = found.filter((one) => projectOf(one) === projectId && !dependent?.(one));
    await Promise.all(ours.map(({ id }) => attempt(removeWhenFree(admin, () => remove(admin, id)))));
  };
  for (const one of kindsOf(services)) await attempt(purge(one));
  if (failures.length > 0) throw failures[0];
}

/** Removes what of these services nobody can reach without the user. */
export async function purgeUser(
  admin: Session,
  services: readonly ServicePurge[],
  userId: string,
): Promise<void> {
  for (const service of services) await service.purgeUser?.(admin, userId);
}

/** An API that this cloud does not have has nothing. */
export async function orNone<T>(list: Promise<T[]>): Promise<T[]> {
  try {
    return await list;
  } catch (error) {
    if (hasStatus(error, 404)) return [];
    throw error;
  }
}
