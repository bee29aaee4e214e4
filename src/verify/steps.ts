import { GantryError } from '../errors.ts';
import { lastLines } from '../model/strings.ts';
import { flavors, readConsole, servers, watchRunning } from '../openstack/compute.ts';
import { assignRole, DEFAULT_DOMAIN, projects, roles, users } from '../openstack/identity.ts';
import { digestImage, type Image } from '../openstack/image.ts';
import type { ImageSource, Progress } from '../openstack/image-upload.ts';
import {
  ensureOpenings,
  ensureRouterInterface,
  networks,
  ports,
  routers,
  securityGroups,
  subnets,
} from '../openstack/network.ts';
import type { Session } from '../openstack/session.ts';
import { waitFor } from '../openstack/wait.ts';
import { readMarkers, userData } from './marker.ts';

const CONSOLE_LIMIT_MS = 120_000;
const CONSOLE_LINES = 400;
const POLL_MS = 1000;

/** A project of its own with a user who may no more than users do. `admin` is an administrator's session. */
export async function makeUser(admin: Session, name: string, password: string): Promise<void> {
  const values = { name, domain_id: DEFAULT_DOMAIN };
  const [project, user, member] = await Promise.all([
    projects.create(admin, { ...values, description: 'Made by gantry verify' }),
    users.create(admin, { ...values, password }, { secrets: [password] }),
    roles.find(admin, { name: 'member' }),
  ]);
  if (!member) throw missing('the role member');
  await assignRole(admin, { project: project.id, user: user.id, role: member.id });
}

/** Downloads an image and compares it with what was uploaded. */
export async function compareImage(
  session: Session,
  image: Image,
  source: ImageSource,
  onProgress: Progress,
): Promise<string> {
  const [algorithm = 'sha256', expected] = source.checksum.split(':');
  const found = await digestImage(session, image.id, algorithm, (done) => onProgress(done, source.sizeBytes));
  if (found !== expected) {
    throw new GantryError({
      code: 'verify.image',
      whose: 'environment',
      message: 'the image downloaded is not the image uploaded',
      why: `expected ${algorithm}:${expected}, found ${algorithm}:${found}`,
    });
  }
  return `${(source.sizeBytes / 2 ** 20).toFixed(1)} MiB, ${algorithm} as before`;
}

export interface TenantNetwork {
  networkId: string;
  subnetId: string;
}

export async function makeNetwork(session: Session, name: string, cidr: string): Promise<TenantNetwork> {
  const network = await networks.create(session, { name });
  const subnet = await subnets.create(session, { name, network_id: network.id, ip_version: 4, cidr });
  return { networkId: network.id, subnetId: subnet.id };
}

/** A router between the subnet and the external network. */
export async function makeRouter(
  session: Session,
  name: string,
  between: { externalId: string; subnetId: string },
): Promise<void> {
  const gateway = { external_gateway_info: { network_id: between.externalId } };
  const router = await routers.create(session, { name, ...gateway });
  await ensureRouterInterface(session, router.id, between.subnetId);
}

/** A security group that lets ping and SSH in; returns its id. */
export async function makeSecurityGroup(session: Session, name: string): Promise<string> {
  const group = await securityGroups.create(session, { name });
  await ensureOpenings(session, group, [{ protocol: 'icmp' }, { protocol: 'tcp', port: 22 }]);
  return group.id;
}

/** The smallest size that the guest runs in; returns its id. `admin` is an administrator's session. */
export async function makeFlavor(admin: Session, name: string, image: ImageSource): Promise<string> {
  const size = { vcpus: 1, ram: Math.max(128, image.minRamMib), disk: Math.max(1, image.minDiskGib) };
  return (await flavors.create(admin, { name, ...size })).id;
}

export interface BootedServer {
  id: string;
  portId: string;
  /** That Neutron gave to the port. */
  address: string;
}

/** Starts a server that gets its user data from the metadata service: it has no config drive. */
export async function makeServer(
  session: Session,
  wanted: { name: string; imageId: string; flavorId: string; groupId: string; networkId: string },
): Promise<BootedServer> {
  const { name } = wanted;
  const port = await ports.create(session, {
    name,
    network_id: wanted.networkId,
    security_groups: [wanted.groupId],
  });
  const server = await servers.create(session, {
    name,
    imageRef: wanted.imageId,
    flavorRef: wanted.flavorId,
    key_name: name,
    user_data: Buffer.from(userData()).toString('base64'),
    networks: [{ port: port.id }],
  });
  return { id: server.id, portId: port.id, address: port.fixed_ips[0]?.ip_address ?? '' };
}

/** Waits until `find` finds something in the server's console. */
export async function watchConsole(
  session: Session,
  wanted: {
    serverId: string;
    failure: string;
    find: (console: string) => string | undefined;
    waiting: (reason: string) => void;
  },
): Promise<string> {
  let console = '';
  return waitFor<string>({
    failure: wanted.failure,
    limitMs: CONSOLE_LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      console = await readConsole(session, wanted.serverId, CONSOLE_LINES);
      const found = wanted.find(console);
      return found === undefined
        ? { waiting: lastLines(console, 1) || 'nothing on the console' }
        : { done: found };
    },
    watch: watchRunning(session, wanted.serverId),
    waiting: wanted.waiting,
    explain: async () => lastLines(console, 15),
    signal: session.signal,
    clock: session.clock,
  });
}

/** Waits for what the server's script says under `key`, and compares. */
export async function expectMarker(
  session: Session,
  wanted: {
    serverId: string;
    key: string;
    expected: string;
    failure: string;
    waiting: (reason: string) => void;
  },
): Promise<void> {
  const said = await watchConsole(session, {
    ...wanted,
    find: (console) => readMarkers(console).get(wanted.key),
  });
  if (said !== wanted.expected) {
    throw new GantryError({
      code: `verify.${wanted.key}`,
      whose: 'environment',
      message: wanted.failure,
      why: `the server says ${said || 'nothing'}, expected ${wanted.expected}`,
    });
  }
}

function missing(what: string): GantryError {
  return new GantryError({
    code: 'verify.missing',
    whose: 'environment',
    message: `${what} does not exist`,
    next: 'Run `gantry up`.',
  });
}
