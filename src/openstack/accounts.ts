import type { RetiredUser, RoleNeed, RoleScope, ServiceAccount } from '../model/task.ts';
import {
  DEFAULT_DOMAIN,
  domains,
  ensureRoles,
  ensureUser,
  projects,
  roles,
  type Scope,
  users,
} from './identity.ts';
import type { Session } from './session.ts';

export interface Accounts {
  accounts: readonly ServiceAccount[];
  /** Roles that are to be there; `administrator` is the session's own user. */
  roles?: readonly RoleNeed[];
  /** Users that are to be removed, where they are there. */
  retired?: readonly RetiredUser[];
  /** The password kept under the name of a secret. */
  passwords: (secretName: string) => string;
}

/** The domain whose name and id the bootstrap gives. */
const DEFAULT_NAME = 'Default';
const SERVICE_PROJECT = 'service';

/**
 * What has to be done so that Keystone has the users, with the domains, projects and roles that they need: nothing
 * where all of it is there. Each says to `changed` what it changed.
 */
export function accountWork(
  session: Session,
  { accounts, roles: wantedRoles = [], retired = [], passwords }: Accounts,
  changed: (what: string) => void,
): Promise<void>[] {
  const directory = openDirectory(session, changed);

  const register = async (account: ServiceAccount): Promise<void> => {
    const { login: name = account.user, domain = DEFAULT_NAME, assignments = [] } = account;
    const existing = (await directory.users(domain)).find((user) => user.name === name);
    const { id, change } = await ensureUser(session, {
      name,
      password: passwords(account.secret),
      domain: { id: await directory.domain(domain), name: domain },
      existing,
    });
    if (change === 'created') changed(`created user ${name}`);
    if (change === 'updated') changed(`set the password of user ${name}`);
    const inService = { roles: account.roles, scope: { project: SERVICE_PROJECT } };
    const wanted = account.roles.length > 0 ? [inService, ...assignments] : assignments;
    await Promise.all(
      wanted.map(async ({ roles: names, scope }) => {
        const given = await ensureRoles(session, {
          scope: await directory.scope(scope),
          user: id,
          roles: await Promise.all(
            names.map(async (role) => ({ name: role, id: await directory.role(role) })),
          ),
          isNewUser: change === 'created',
        });
        for (const role of given) changed(`gave user ${name} the role ${role}${describeScope(scope)}`);
      }),
    );
  };

  const remove = async (one: RetiredUser): Promise<void> => {
    const { user: name, domain } = typeof one === 'string' ? { user: one, domain: DEFAULT_NAME } : one;
    for (const user of (await directory.users(domain)).filter((found) => found.name === name)) {
      await users.remove(session, user.id);
      changed(`removed user ${name}`);
    }
  };

  const ensureRole = async ({ name, administrator = false }: RoleNeed): Promise<void> => {
    const role = { name, id: await directory.role(name) };
    if (!administrator || session.projectId === undefined) return;
    const scope = { project: session.projectId };
    const given = await ensureRoles(session, {
      scope,
      user: session.userId,
      roles: [role],
      isNewUser: false,
    });
    if (given.length > 0) changed(`gave the administrator the role ${name}`);
  };
  return [...accounts.map(register), ...wantedRoles.map(ensureRole), ...retired.map(remove)];
}

/** Looks things up by name, and makes what is not there; each is asked for once, when it is first needed. */
function openDirectory(session: Session, changed: (what: string) => void) {
  const domain = once(async (name: string): Promise<string> => {
    if (name === DEFAULT_NAME) return DEFAULT_DOMAIN;
    const found = await domains.find(session, { name });
    if (found) return found.id;
    const { id } = await domains.create(session, { name });
    changed(`created domain ${name}`);
    return id;
  });
  const project = once(async (name: string, of = DEFAULT_NAME): Promise<string> => {
    const values = { name, domain_id: await domain(of) };
    const found = await projects.find(session, values);
    if (found) return found.id;
    const description = name === SERVICE_PROJECT ? { description: 'Accounts of the services' } : {};
    const { id } = await projects.create(session, { ...values, ...description });
    changed(`created project ${name}`);
    return id;
  });
  const allRoles = once(() => roles.list(session));
  const role = once(async (name: string): Promise<string> => {
    const found = (await allRoles()).find((one) => one.name === name);
    if (found) return found.id;
    const { id } = await roles.create(session, { name });
    changed(`created role ${name}`);
    return id;
  });
  return {
    domain,
    role,
    users: once(async (of: string) => users.list(session, { domain_id: await domain(of) })),
    scope: async (wanted: RoleScope): Promise<Scope> => {
      if (wanted === 'system') return 'system';
      if ('project' in wanted) return { project: await project(wanted.project, wanted.domain) };
      return { domain: await domain(wanted.domain) };
    },
  };
}

/** The function, called once for the same arguments: who asks again gets the first answer. */
function once<A extends (string | undefined)[], T>(call: (...given: A) => Promise<T>) {
  const answers = new Map<string, Promise<T>>();
  return (...given: A): Promise<T> => {
    const key = JSON.stringify(given);
    const answer = answers.get(key) ?? call(...given);
    answers.set(key, answer);
    return answer;
  };
}

function describeScope(scope: RoleScope): string {
  if (scope === 'system') return ' on the system';
  if (!('project' in scope)) return ` in domain ${scope.domain}`;
  return scope.project === SERVICE_PROJECT ? '' : ` in project ${scope.project}`;
}
