import {
  ensureKeyPair,
  flavors,
  removeServers,
  type Server,
  servers,
  startServer,
} from '../openstack/compute.ts';
import { hasStatus } from '../openstack/errors.ts';
import { DEFAULT_DOMAIN, ensureRoles, ensureUser, projects, roles, users } from '../openstack/identity.ts';
import {
  ensureOpenings,
  ensureRouterInterface,
  floatingIps,
  networks,
  ports,
  routers,
  securityGroups,
  subnets,
} from '../openstack/network.ts';
import type { Session } from '../openstack/session.ts';
import { DEMO, type DemoOptions, FLAVORS } from './options.ts';

/** Each of these finds what it is about or makes it, and says which. `session` is the user demo's unless said. */
export interface Ensured {
  id: string;
  created: boolean;
}

/**
 * The project and its user, with the role member; `user` is that user's session. `admin` is an administrator's.
 */
export async function ensureProject(
  admin: Session,
  password: string,
): Promise<{ user: Session; created: boolean }> {
  const credentials = { user: DEMO, password, project: DEMO };
  try {
    return { user: await admin.as(credentials), created: false };
  } catch (error) {
    if (!hasStatus(error, 401)) throw error;
  }
  await makeProject(admin, password);
  return { user: await admin.as(credentials), created: true };
}

async function makeProject(session: Session, password: string): Promise<void> {
  const query = { name: DEMO, domain_id: DEFAULT_DOMAIN };
  const [foundProject, foundUser, member] = await Promise.all([
    projects.find(session, query),
    users.find(session, query),
    roles.find(session, { name: 'member' }),
  ]);
  const [project, user] = await Promise.all([
    foundProject ?? projects.create(session, { ...query, description: 'Demonstration' }),
    ensureUser(session, { name: DEMO, password, existing: foundUser }),
  ]);
  await ensureRoles(session, {
    scope: { project: project.id },
    user: user.id,
    roles: member ? [member] : [],
    isNewUser: user.change === 'created',
  });
}

/** The sizes of servers; returns their ids by name. `session` is an administrator's. */
export async function ensureFlavors(
  session: Session,
): Promise<{ ids: Map<string, string>; created: string[] }> {
  const found = await flavors.list(session);
  const ids = new Map(found.map((flavor) => [flavor.name, flavor.id]));
  const missing = FLAVORS.filter((flavor) => !ids.has(flavor.name));
  await Promise.all(
    missing.map(async (flavor) => {
      ids.set(flavor.name, (await flavors.create(session, flavor)).id);
    }),
  );
  return { ids, created: missing.map((flavor) => flavor.name) };
}

/** The project's own network with one subnet; `id` is the network's. */
export async function ensureTenantNetwork(
  session: Session,
  tenant: DemoOptions['tenant'],
): Promise<Ensured & { subnetId: string }> {
  const own = { name: DEMO, project_id: session.projectId };
  const [foundNetwork, foundSubnet] = await Promise.all([
    networks.find(session, own),
    subnets.find(session, own),
  ]);
  const network = foundNetwork ?? (await networks.create(session, { name: DEMO }));
  const subnet =
    foundSubnet ??
    (await subnets.create(session, {
      name: DEMO,
      network_id: network.id,
      ip_version: 4,
      cidr: tenant.subnet,
      dns_nameservers: tenant.dns,
    }));
  return { id: network.id, subnetId: subnet.id, created: !foundNetwork || !foundSubnet };
}

/** The router, with its way out. */
export async function ensureRouter(session: Session, externalId: string): Promise<Ensured> {
  const found = await routers.find(session, { name: DEMO, project_id: session.projectId });
  const gateway = { external_gateway_info: { network_id: externalId } };
  if (!found) return { id: (await routers.create(session, { name: DEMO, ...gateway })).id, created: true };
  if (found.external_gateway_info) return { id: found.id, created: false };
  await routers.update(session, found.id, gateway);
  return { id: found.id, created: true };
}

/** Connects the tenant network; `id` is the router's. */
export async function ensureConnected(
  session: Session,
  routerId: string,
  subnetId: string,
): Promise<Ensured> {
  return { id: routerId, created: await ensureRouterInterface(session, routerId, subnetId) };
}

/** Opens the project's default security group for ping and SSH. */
export async function ensureDefaultGroup(session: Session): Promise<Ensured> {
  const found = await securityGroups.find(session, { name: 'default', project_id: session.projectId });
  if (!found) throw new Error('the project has no default security group');
  const opened = await ensureOpenings(session, found, [{ protocol: 'icmp' }, { protocol: 'tcp', port: 22 }]);
  return { id: found.id, created: opened.length > 0 };
}

export async function ensureKey(session: Session, publicKey: string): Promise<Ensured> {
  return { id: DEMO, created: (await ensureKeyPair(session, DEMO, publicKey)) !== 'exists' };
}

/** The server's port, made ahead of the server so that its address is known. */
export async function ensurePort(session: Session, networkId: string): Promise<Ensured> {
  const found = await ports.find(session, { name: DEMO, network_id: networkId });
  if (found) return { id: found.id, created: false };
  return { id: (await ports.create(session, { name: DEMO, network_id: networkId })).id, created: true };
}

export async function ensureFloatingIp(
  session: Session,
  wanted: { externalId: string; portId: string },
): Promise<Ensured & { address: string }> {
  const found = await floatingIps.find(session, { port_id: wanted.portId });
  const floatingIp =
    found ??
    (await floatingIps.create(session, {
      floating_network_id: wanted.externalId,
      port_id: wanted.portId,
      description: DEMO,
    }));
  return { id: floatingIp.id, address: floatingIp.floating_ip_address, created: !found };
}

/** The server, on its way to ACTIVE. One that failed is made again, one that was stopped is started. */
export async function ensureServer(
  session: Session,
  wanted: { portId: string; imageId: string; flavorId: string },
): Promise<Ensured> {
  const found = await findServer(session);
  if (found?.status === 'SHUTOFF') await startServer(session, found.id);
  if (found && found.status !== 'ERROR') return { id: found.id, created: false };
  if (found) await removeServers(session, [found.id]);
  const server = await servers.create(session, {
    name: DEMO,
    imageRef: wanted.imageId,
    flavorRef: wanted.flavorId,
    key_name: DEMO,
    config_drive: true,
    networks: [{ port: wanted.portId }],
  });
  return { id: server.id, created: true };
}

async function findServer(session: Session): Promise<Server | undefined> {
  return servers.find(session, { name: `^${DEMO}$` });
}
