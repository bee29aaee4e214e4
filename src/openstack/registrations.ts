import type { CatalogueEndpoint, ServiceAccount } from '../model/task.ts';
import {
  DEFAULT_DOMAIN,
  type Endpoint,
  endpoints,
  ensureRoles,
  ensureUser,
  projects,
  roles,
  services,
  users,
} from './identity.ts';
import type { Session } from './session.ts';

export interface Registrations {
  accounts: readonly ServiceAccount[];
  endpoints: readonly CatalogueEndpoint[];
  region: string;
  /** Users that are to be removed, where they are there. */
  retired?: readonly string[];
  /** The password kept under the name of a secret. */
  passwords: (secretName: string) => string;
}

const SERVICE_PROJECT = 'service';

/**
 * Brings Keystone's users, roles, services and endpoints to what is wanted; what is there and right is left alone,
 * what belongs to others is never removed. Returns what was changed, in words. Needs the role admin.
 */
export async function registerInKeystone(session: Session, wanted: Registrations): Promise<string[]> {
  const [foundProject, foundRoles, foundUsers, foundServices, foundEndpoints] = await Promise.all([
    projects.find(session, { name: SERVICE_PROJECT, domain_id: DEFAULT_DOMAIN }),
    roles.list(session),
    users.list(session, { domain_id: DEFAULT_DOMAIN }),
    services.list(session),
    endpoints.list(session),
  ]);
  const changes: string[] = [];

  const project = foundProject
    ? Promise.resolve(foundProject.id)
    : projects
        .create(session, {
          name: SERVICE_PROJECT,
          domain_id: DEFAULT_DOMAIN,
          description: 'Accounts of the services',
        })
        .then(({ id }) => {
          changes.push(`created project ${SERVICE_PROJECT}`);
          return id;
        });

  const roleNames = [...new Set(wanted.accounts.flatMap((account) => account.roles))];
  const roleIds = new Map(
    roleNames.map((name) => {
      const found = foundRoles.find((role) => role.name === name);
      if (found) return [name, Promise.resolve(found.id)];
      const created = roles.create(session, { name }).then(({ id }) => {
        changes.push(`created role ${name}`);
        return id;
      });
      return [name, created];
    }),
  );

  const registerAccount = async (account: ServiceAccount): Promise<void> => {
    const { login: name = account.user } = account;
    const { id, change } = await ensureUser(session, {
      name,
      password: wanted.passwords(account.secret),
      existing: foundUsers.find((user) => user.name === name),
    });
    if (change === 'created') changes.push(`created user ${name}`);
    if (change === 'updated') changes.push(`set the password of user ${name}`);
    const given = await ensureRoles(session, {
      project: await project,
      user: id,
      roles: await Promise.all(
        account.roles.map(async (name) => ({ name, id: (await roleIds.get(name)) as string })),
      ),
      isNewUser: change === 'created',
    });
    for (const role of given) changes.push(`gave user ${name} the role ${role}`);
  };

  const removeUser = async (name: string): Promise<void> => {
    for (const user of foundUsers.filter((found) => found.name === name)) {
      await users.remove(session, user.id);
      changes.push(`removed user ${name}`);
    }
  };

  const registerService = async (entry: CatalogueEndpoint): Promise<void> => {
    const { type, service: name, description } = entry;
    const sameType = foundServices.filter((service) => service.type === type);
    let id = (sameType.find((service) => service.name === name) ?? sameType[0])?.id;
    if (!id) {
      ({ id } = await services.create(session, { type, name, description }));
      changes.push(`created service ${name} (${type})`);
    }
    const serviceId = id;
    await Promise.all(
      urlsOf(entry).map(([kind, url]) =>
        registerEndpoint(session, {
          found: foundEndpoints.filter((endpoint) => endpoint.service_id === serviceId),
          serviceId,
          type,
          kind,
          url,
          region: wanted.region,
          changes,
        }),
      ),
    );
  };

  const outcomes = await Promise.allSettled([
    project,
    ...roleIds.values(),
    ...wanted.accounts.map(registerAccount),
    ...(wanted.retired ?? []).map(removeUser),
    ...wanted.endpoints.map(registerService),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return changes;
}

/** Services inside the cloud use the internal side where they ask for `admin`. */
function urlsOf(entry: CatalogueEndpoint): [Endpoint['interface'], string][] {
  return [
    ['public', entry.publicUrl],
    ['internal', entry.internalUrl],
    ['admin', entry.internalUrl],
  ];
}

async function registerEndpoint(
  session: Session,
  wanted: {
    found: Endpoint[];
    serviceId: string;
    type: string;
    kind: Endpoint['interface'];
    url: string;
    region: string;
    changes: string[];
  },
): Promise<void> {
  const { serviceId, type, kind, url, region, changes } = wanted;
  const [existing, ...surplus] = wanted.found.filter(
    (endpoint) => endpoint.interface === kind && endpoint.region_id === region,
  );
  if (!existing) {
    await endpoints.create(session, { service_id: serviceId, interface: kind, region_id: region, url });
    changes.push(`created the ${kind} endpoint of ${type}`);
  } else if (existing.url !== url) {
    await endpoints.update(session, existing.id, { url });
    changes.push(`changed the ${kind} endpoint of ${type} to ${url}`);
  }
  for (const endpoint of surplus) {
    await endpoints.remove(session, endpoint.id);
    changes.push(`removed a second ${kind} endpoint of ${type}`);
  }
}
