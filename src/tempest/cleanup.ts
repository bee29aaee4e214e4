import { messageOf } from '../errors.ts';
import { flavors, removeKeyPair, removeServers, servers } from '../openstack/compute.ts';
import { hasStatus } from '../openstack/errors.ts';
import { projects, roles, services, users } from '../openstack/identity.ts';
import { listImages, removeImage } from '../openstack/image.ts';
import { floatingIps, networks, ports, removeRouter, routers, securityGroups } from '../openstack/network.ts';
import { defineResource, type Resource, removeWhenFree } from '../openstack/resource.ts';
import type { Session } from '../openstack/session.ts';
import { PREFIX } from './config.ts';

interface Found {
  id: string;
  name?: string | null;
  description?: string | null;
  device_owner?: string;
  /** Whose it is: each API has a name of its own for that. */
  project_id?: string;
  tenant_id?: string;
  owner?: string;
}

/** A kind of thing that tests make, in the order of removal: what uses others goes first. */
interface Kind {
  what: string;
  list(admin: Session): Promise<Found[]>;
  remove(admin: Session, id: string): Promise<unknown>;
  /** Goes by itself with what it belongs to where it cannot be removed. */
  dependent?: (found: Found) => boolean;
}

const ROUNDS = 4;
/** Prefix of names that some plugins of Tempest give, whatever the configuration says. */
const PLUGIN_PREFIX = 'tempest-';

const network = (one: string, many: string): Resource<Found> =>
  defineResource({
    service: 'network',
    path: `/${many.replaceAll('_', '-')}`,
    one,
    many,
  });
const identity = (one: string, many: string): Resource<Found> =>
  defineResource({ service: 'identity', path: `/${many}`, one, many });
const compute = (one: string, many: string, path: string): Resource<Found> =>
  defineResource({ service: 'compute', path, one, many, microversion: '2.90' });

function kind(
  what: string,
  resource: Resource<Found>,
  query: Record<string, string | number> = {},
  remove: Kind['remove'] = (admin, id) => resource.remove(admin, id),
): Kind {
  return { what, list: (admin) => resource.list(admin, query), remove };
}

const aggregates = compute('aggregate', 'aggregates', '/os-aggregates');
const domains = identity('domain', 'domains');
const kinds: readonly Kind[] = [
  kind('server', servers as Resource<Found>, { all_tenants: 1 }, (admin, id) => removeServers(admin, [id])),
  kind('server group', compute('server_group', 'server_groups', '/os-server-groups'), {
    all_projects: 'True',
  }),
  kind('trunk', network('trunk', 'trunks')),
  kind('floating IP', floatingIps as Resource<Found>),
  kind('router', routers as Resource<Found>, {}, removeRouter),
  {
    ...kind('port', ports as Resource<Found>),
    dependent: ({ device_owner: owner = '' }) => owner !== '',
  },
  kind('network', networks as Resource<Found>),
  kind('subnet pool', network('subnetpool', 'subnetpools')),
  kind('address scope', network('address_scope', 'address_scopes')),
  kind('address group', network('address_group', 'address_groups')),
  kind(
    'QoS policy',
    defineResource({ service: 'network', path: '/qos/policies', one: 'policy', many: 'policies' }),
  ),
  kind('security group', securityGroups as Resource<Found>),
  { what: 'image', list: (admin) => listImages(admin, { visibility: 'all' }), remove: removeImage },
  kind('flavor', flavors as Resource<Found>, { is_public: 'none' }),
  kind('aggregate', aggregates, {}, removeAggregate),
  kind('user', users, {}, removeUser),
  kind('group', identity('group', 'groups')),
  kind('project', projects),
  kind('domain', domains, {}, removeDomain),
  kind('role', roles),
  kind('service', services),
  kind('region', identity('region', 'regions')),
  kind('policy', identity('policy', 'policies')),
];

/** Ids of everything that there is. */
export type Inventory = ReadonlySet<string>;

/**
 * Removes what Tempest made: what is named for it or belongs to a project named for it, and of what came since
 * `before` also what its plugins named or left without a project. Returns what could not be removed, in words.
 * `admin` is an administrator's session.
 */
export async function removeTestResources(admin: Session, before: Inventory): Promise<string[]> {
  // Looked for again, since an API may still be making what an interrupted test has asked for.
  for (let left = ROUNDS; ; left--) {
    const { tried, problems } = await removeOnce(admin, before);
    if (tried === 0 || left <= 1) return problems;
  }
}

async function removeOnce(admin: Session, before: Inventory): Promise<{ tried: number; problems: string[] }> {
  const found = new Map(await listKinds(admin));
  const isOurs = judge(found.get('project') ?? [], before);
  const problems: string[] = [];
  let tried = 0;
  for (const { what, remove, dependent } of kinds) {
    const ours = (found.get(what) ?? []).filter(isOurs);
    tried += ours.length;
    await Promise.all(
      ours.map(async (one) => {
        try {
          await removeWhenFree(admin, () => remove(admin, one.id));
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
    const project = one.project_id ?? one.tenant_id ?? one.owner;
    if (isNamedForTests(name) || isNamedForTests(description) || (project && ours.has(project))) return true;
    if (before.has(id)) return false;
    return name?.startsWith(PLUGIN_PREFIX) || (!!project && !present.has(project));
  };
}

/** What there is before a run, so that what comes with it can be told from it. */
export async function takeInventory(admin: Session): Promise<Inventory> {
  return new Set((await listKinds(admin)).flatMap(([, found]) => found.map(({ id }) => id)));
}

function isNamedForTests(name: string | null | undefined): boolean {
  return name?.startsWith(`${PREFIX}-`) ?? false;
}

function listKinds(admin: Session): Promise<[string, Found[]][]> {
  return Promise.all(
    kinds.map(async ({ what, list }): Promise<[string, Found[]]> => [what, await orNone(list(admin))]),
  );
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

/** With the user's key pairs, which nobody can reach without it. */
async function removeUser(admin: Session, id: string): Promise<void> {
  const { body } = await admin.request<{ keypairs: { keypair: { name: string } }[] }>(
    'compute',
    'GET',
    '/os-keypairs',
    { microversion: '2.90', query: { user_id: id } },
  );
  await Promise.all(body.keypairs.map(({ keypair }) => removeKeyPair(admin, keypair.name, id)));
  await users.remove(admin, id);
}

/** Keystone removes only domains that are switched off. */
async function removeDomain(admin: Session, id: string): Promise<void> {
  await domains.update(admin, id, { enabled: false });
  await domains.remove(admin, id);
}

/** Nova removes only aggregates without hosts. */
async function removeAggregate(admin: Session, id: string): Promise<void> {
  const { hosts } = (await aggregates.get(admin, id)) as Found & { hosts: string[] };
  for (const host of hosts) {
    await admin.request('compute', 'POST', `/os-aggregates/${id}/action`, {
      json: { remove_host: { host } },
      microversion: '2.90',
    });
  }
  await aggregates.remove(admin, id);
}
