import { messageOf } from '../errors.ts';
import { hasStatus } from '../openstack/errors.ts';
import { removeWhenFree } from '../openstack/resource.ts';
import type { Session } from '../openstack/session.ts';
import { type Found, type Kind, layers, PREFIX, type TempestPart } from './part.ts';

const ROUNDS = 4;
/** Prefix of names that some plugins of Tempest give, whatever the configuration says. */
const PLUGIN_PREFIX = 'tempest-';

/** Ids of everything that there is. */
export type Inventory = ReadonlySet<string>;

/**
 * Removes what Tempest made: what is named for it or belongs to a project named for it, and of what came since
 * `before` also what its plugins named or left without a project. Returns what could not be removed, in words.
 * `admin` is an administrator's session.
 */
export async function removeTestResources(
  admin: Session,
  parts: readonly TempestPart[],
  before: Inventory,
): Promise<string[]> {
  // Looked for again, since an API may still be making what an interrupted test has asked for.
  for (let left = ROUNDS; ; left--) {
    const { tried, problems } = await removeOnce(admin, parts, before);
    if (tried === 0 || left <= 1) return problems;
  }
}

async function removeOnce(
  admin: Session,
  parts: readonly TempestPart[],
  before: Inventory,
): Promise<{ tried: number; problems: string[] }> {
  const found = await listKinds(admin, parts);
  const projects = found.flatMap(({ kind, things }) => (kind.holds === 'project' ? things : []));
  const isOurs = judge(projects, before);
  const problems: string[] = [];
  let tried = 0;
  for (const { kind, things } of found) {
    const { what, dependent } = kind;
    const ours = things.filter(isOurs);
    tried += ours.length;
    await Promise.all(
      ours.map(async (one) => {
        try {
          await removeWhenFree(admin, () => removeOne(admin, parts, kind, one.id));
        } catch (error) {
          if (!dependent?.(one)) problems.push(`${what} ${one.name || one.id}: ${messageOf(error)}`);
        }
      }),
    );
  }
  return { tried, problems };
}

async function removeOne(
  admin: Session,
  parts: readonly TempestPart[],
  { holds, remove }: Kind,
  id: string,
): Promise<void> {
  if (holds === 'user') for (const part of parts) await part.removeOfUser?.(admin, id);
  await remove(admin, id);
}

/** Tells what tests made from everything else. */
function judge(projectsFound: readonly Found[], before: Inventory): (one: Found) => boolean {
  const present = new Set(projectsFound.map(({ id }) => id));
  const ours = new Set(projectsFound.filter(({ name }) => isNamedForTests(name)).map(({ id }) => id));
  return (one) => {
    const { id, name, description } = one;
    const project = one.project_id ?? one.tenant_id ?? one.owner;
    if (isNamedForTests(name) || isNamedForTests(description) || (project && ours.has(project))) return true;
    if (before.has(id)) return false;
    return name?.startsWith(PLUGIN_PREFIX) || (!!project && !present.has(project));
  };
}

/** What there is before a run, so that what comes with it can be told from it. */
export async function takeInventory(admin: Session, parts: readonly TempestPart[]): Promise<Inventory> {
  return new Set((await listKinds(admin, parts)).flatMap(({ things }) => things.map(({ id }) => id)));
}

function isNamedForTests(name: string | null | undefined): boolean {
  return name?.startsWith(`${PREFIX}-`) ?? false;
}

/** All things that there are, in the order of removal of their kinds. */
function listKinds(
  admin: Session,
  parts: readonly TempestPart[],
): Promise<{ kind: Kind; things: Found[] }[]> {
  const kinds = layers.flatMap((layer) =>
    parts.filter((part) => part.layer === layer).flatMap((part) => part.kinds),
  );
  return Promise.all(kinds.map(async (kind) => ({ kind, things: await orNone(kind.list(admin)) })));
}

/** An API that this cloud does not have has nothing. */
async function orNone<T>(list: Promise<T[]>): Promise<T[]> {
  try {
    return await list;
  } catch (error) {
    if (hasStatus(error, 404)) return [];
    throw error;
  }
}
