import { hasStatus } from './errors.ts';
import { defineResource, removeAt } from './resource.ts';
import type { Session } from './session.ts';
import type { Credentials } from './token.ts';

interface Named {
  id: string;
  name: string;
}
export interface Project extends Named {
  description: string;
}
export interface IdentityService extends Named {
  type: string;
}
export interface Endpoint {
  id: string;
  service_id: string;
  interface: 'public' | 'internal' | 'admin';
  region_id: string;
  url: string;
}

const service = 'identity';
export const domains = defineResource<Named>({ service, path: '/domains', one: 'domain', many: 'domains' });
export const projects = defineResource<Project>({
  service,
  path: '/projects',
  one: 'project',
  many: 'projects',
});
export const users = defineResource<Named>({ service, path: '/users', one: 'user', many: 'users' });
export const roles = defineResource<Named>({ service, path: '/roles', one: 'role', many: 'roles' });
export const services = defineResource<IdentityService>({
  service,
  path: '/services',
  one: 'service',
  many: 'services',
});
export const endpoints = defineResource<Endpoint>({
  service,
  path: '/endpoints',
  one: 'endpoint',
  many: 'endpoints',
});

/** Id of the domain that `keystone-manage bootstrap` makes. */
export const DEFAULT_DOMAIN = 'default';

/** What a role is given for, by id. */
export type Scope = { project: string } | { domain: string } | 'system';

interface Holder {
  user: string;
  scope: Scope;
}

/** Where Keystone keeps the roles that a user has in a scope. */
function rolesPath({ user, scope }: Holder): string {
  if (scope === 'system') return `/system/users/${user}/roles`;
  const at = 'project' in scope ? `/projects/${scope.project}` : `/domains/${scope.domain}`;
  return `${at}/users/${user}/roles`;
}

/** Gives the user the role; harmless where they have it. */
export async function assignRole(session: Session, assignment: Holder & { role: string }): Promise<void> {
  await session.request(service, 'PUT', `${rolesPath(assignment)}/${assignment.role}`);
}

/** Takes the role from the user. */
export async function unassignRole(session: Session, assignment: Holder & { role: string }): Promise<void> {
  await removeAt(session, service, `${rolesPath(assignment)}/${assignment.role}`);
}

/** Ids of the roles the user has in the scope itself. */
export async function listAssignedRoles(session: Session, holder: Holder): Promise<string[]> {
  const { body } = await session.request<{ roles: Named[] }>(service, 'GET', rolesPath(holder));
  return body.roles.map((role) => role.id);
}

/** True where the password is the user's. */
async function canLogIn(session: Session, credentials: Credentials): Promise<boolean> {
  try {
    await session.as(credentials);
    return true;
  } catch (error) {
    if (hasStatus(error, 401)) return false;
    throw error;
  }
}

export type Change = 'created' | 'updated' | 'unchanged';

/**
 * The user with that password, of the default domain unless another is said. The password is set only where it is
 * another one: setting it makes all tokens of the user invalid.
 */
export async function ensureUser(
  session: Session,
  wanted: {
    name: string;
    password: string;
    domain?: { id: string; name: string };
    existing?: Named | undefined;
  },
): Promise<{ id: string; change: Change }> {
  const { name, password, domain, existing } = wanted;
  if (!existing) {
    const values = { name, password, domain_id: domain?.id ?? DEFAULT_DOMAIN };
    return { id: (await users.create(session, values, { secrets: [password] })).id, change: 'created' };
  }
  if (await canLogIn(session, { user: name, password, userDomain: domain?.name })) {
    return { id: existing.id, change: 'unchanged' };
  }
  await users.update(session, existing.id, { password, enabled: true }, { secrets: [password] });
  return { id: existing.id, change: 'updated' };
}

/** Gives the roles that the user does not have yet; returns the names of those. */
export async function ensureRoles(
  session: Session,
  wanted: Holder & { roles: { id: string; name: string }[]; isNewUser: boolean },
): Promise<string[]> {
  const held = wanted.isNewUser ? [] : await listAssignedRoles(session, wanted);
  const missing = wanted.roles.filter((role) => !held.includes(role.id));
  await Promise.all(missing.map((role) => assignRole(session, { ...wanted, role: role.id })));
  return missing.map((role) => role.name);
}
