import { hasStatus } from './errors.ts';
import { defineResource } from './resource.ts';
import type { Session } from './session.ts';

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

/** Gives the user the role on the project; harmless where they have it. */
export async function assignRole(
  session: Session,
  assignment: { project: string; user: string; role: string },
): Promise<void> {
  const { project, user, role } = assignment;
  await session.request(service, 'PUT', `/projects/${project}/users/${user}/roles/${role}`);
}

/** Ids of the roles the user has on the project itself. */
async function listAssignedRoles(
  session: Session,
  holder: { project: string; user: string },
): Promise<string[]> {
  const { body } = await session.request<{ roles: Named[] }>(
    service,
    'GET',
    `/projects/${holder.project}/users/${holder.user}/roles`,
  );
  return body.roles.map((role) => role.id);
}

/** True where the password is the user's. */
async function canLogIn(session: Session, user: string, password: string): Promise<boolean> {
  try {
    await session.as({ user, password });
    return true;
  } catch (error) {
    if (hasStatus(error, 401)) return false;
    throw error;
  }
}

export type Change = 'created' | 'updated' | 'unchanged';

/**
 * The user of the default domain with that password. The password is set only where it is another one:
 * setting it makes all tokens of the user invalid.
 */
export async function ensureUser(
  session: Session,
  wanted: { name: string; password: string; existing?: Named | undefined },
): Promise<{ id: string; change: Change }> {
  const { name, password, existing } = wanted;
  if (!existing) {
    const values = { name, password, domain_id: DEFAULT_DOMAIN };
    return { id: (await users.create(session, values, { secrets: [password] })).id, change: 'created' };
  }
  if (await canLogIn(session, name, password)) return { id: existing.id, change: 'unchanged' };
  await users.update(session, existing.id, { password, enabled: true }, { secrets: [password] });
  return { id: existing.id, change: 'updated' };
}

/** Gives the roles that the user does not have yet; returns the names of those. */
export async function ensureRoles(
  session: Session,
  wanted: { project: string; user: string; roles: { id: string; name: string }[]; isNewUser: boolean },
): Promise<string[]> {
  const held = wanted.isNewUser ? [] : await listAssignedRoles(session, wanted);
  const missing = wanted.roles.filter((role) => !held.includes(role.id));
  await Promise.all(missing.map((role) => assignRole(session, { ...wanted, role: role.id })));
  return missing.map((role) => role.name);
}
