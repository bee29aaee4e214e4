import { messageOf } from '../errors.ts';
import {
  type Found,
  type Kind,
  kindsOf,
  orNone,
  projectOf,
  purgeUser,
  type ServicePurge,
} from '../openstack/purge.ts';
import { removeWhenFree } from '../openstack/resource.ts';
import type { Session } from '../openstack/session.ts';
import { PREFIX } from './part.ts';

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
  purges: readonly ServicePurge[],
  before: Inventory,
): Promise<string[]> {
  // Looked for again, since an API may still be making what an interrupted test has asked for.
  for (let left = ROUNDS; ; left--) {
    const { tried, problems } = await removeOnce(admin, purges, before);
    if (tried === 0 || left <= 1) return problems;
  }
}

async function removeOnce(
  admin: Session,
  purges: readonly ServicePurge[],
  before: Inventory,
): Promise<{ tried: number; problems: string[] }> {
  const found = await listKinds(admin, purges);
  const projects = found.flatMap(({ kind, things }) => (kind.holds === 'project' ? things : []));
  const isOurs = judge(projects, before);
  const problems: string[] = [];
  let tried = 0;
  for (const { kind, things } of found) {
    const { what, dependent, holds, remove } = kind;
    const removeOne = async (id: string): Promise<void> => {
      if (holds === 'user') await purgeUser(admin, purges, id);
      await remove(admin, id);
    };
    const ours = things.filter(isOurs);
    tried += ours.length;
    await Promise.all(
      ours.map(async (one) => {
        try {
          await removeWhenFree(admin, () => removeOne(one.id));
        } catch (error) {
          if (!dependent?.(one)) problems.push(`${what} ${one.name || one.id}: ${messageOf(error)}`);
        }
      }),
    );
  }
  return { tried, problems };
}

/** Tells what tests made from everything else. */
function judge(projectsFound: readonly Found[], before: Inventory): (one: Found) => boolean {
  const present = new Set(projectsFound.map(({ id }) => id));
  const ours = new Set(projectsFound.filter(({ name }) => isNamedForTests(name)).map(({ id }) => id));
  return (one) => {
    const { id, name, description } = one;
    const project = projectOf(one);
    if (isNamedForTests(name) || isNamedForTests(description) || (project && ours.has(project))) return true;
    if (before.has(id)) return false;
    return name?.startsWith(PLUGIN_PREFIX) || (!!project && !present.has(project));
  };
}

/** What there is before a run, so that what comes with it can be told from it. */
export async function takeInventory(admin: Session, purges: readonly ServicePurge[]): Promise<Inventory> {
  return new Set((await listKinds(admin, purges)).flatMap(({ things }) => things.map(({ id }) => id)));
}

function isNamedForTests(name: string | null | undefined): boolean {
  return name?.startsWith(`${PREFIX}-`) ?? false;
}

/** All things that there are, in the order of removal of their kinds. */
function listKinds(
  admin: Session,
  purges: readonly ServicePurge[],
): Promise<{ kind: Kind; things: Found[] }[]> {
  return Promise.all(kindsOf(purges).map(async (kind) => ({ kind, things: await orNone(kind.list(admin)) })));
}
