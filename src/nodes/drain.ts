import { GantryError } from '../errors.ts';
import {
  type ComputeService,
  findComputeHost,
  listComputeServices,
  listServersOn,
  migrateLive,
  type PlacedServer,
  removeComputeService,
  setComputeService,
  waitUntilDown,
} from '../openstack/hypervisors.ts';
import { agents } from '../openstack/network.ts';
import { removeProvider } from '../openstack/placement.ts';
import type { Session } from '../openstack/session.ts';

export interface DrainOptions {
  /** As the engine calls it: not always what Nova calls its host. */
  node: string;
  /** By which other nodes reach it. */
  addresses: readonly string[];
  /** Says what is done right now, in words. */
  report(text: string): void;
  /**
   * Ends the cloud's processes on the node, after their farewells, and takes its roles away but for control. Resolves to
   * false where the node is lost: they end when it is back.
   */
  release(): Promise<boolean>;
}

/**
 * Empties a node and takes it out of the cloud: no new servers, running ones moved live, its processes ended but for
 * those of the role control, its records removed from Nova, Placement and Neutron. One that has never run servers is
 * known to Neutron alone. Refuses, before it changes anything, where servers could not be moved; where a move fails, the
 * node stays disabled with the rest of its servers on it.
 */
export async function drainNode(admin: Session, options: DrainOptions): Promise<void> {
  const { node, report } = options;
  const services = await listComputeServices(admin);
  const { host, hypervisor } = await findComputeHost(admin, node, options.addresses);
  const service = services.find((one) => one.host === host);
  if (!service && (await agents.list(admin, { host })).length === 0) throw unknownHost(node, services);
  if (host !== node) report(`Nova calls ${node} ${host}`);
  if (service) await moveServers(admin, service, services, options);
  report(
    (await options.release())
      ? `the cloud's processes on ${node} have ended`
      : `${node} does not answer: the cloud's processes on it end when it is back`,
  );
  if (service) {
    await waitUntilDown(admin, service.id, report);
    await removeComputeService(admin, service.id);
    await removeProvider(admin, hypervisor);
  }
  // Each worker of Neutron remembers a node's agents until it is told. So does its network driver where the node is lost:
  // of any other it hears by a farewell.
  for (const { id } of await agents.list(admin, { host })) await agents.remove(admin, id);
  report(`${node} is no longer known to ${service ? 'Nova, Placement and Neutron' : 'Neutron'}`);
}

/** Disables the host and moves its servers to others. */
async function moveServers(
  admin: Session,
  service: ComputeService,
  services: readonly ComputeService[],
  { node, report }: Pick<DrainOptions, 'node' | 'report'>,
): Promise<void> {
  const { host } = service;
  const servers = await listServersOn(admin, host);
  refuseImmovable(service, servers, services);

  if (service.status === 'enabled') {
    await setComputeService(admin, service.id, { status: 'disabled', disabled_reason: 'drained by gantry' });
  }
  report(`${node} takes no more servers`);
  for (const server of servers) {
    const to = await migrateLive(admin, server, (reason) => report(`${server.name}: ${reason}`));
    report(`${server.name} runs on ${to} now`);
  }
  // One that was scheduled here just before the node was disabled.
  const late = await listServersOn(admin, host);
  if (late.length > 0) {
    throw new GantryError({
      code: 'node.not-empty',
      whose: 'environment',
      message: `${listNames(late)} came to ${node} while it was drained`,
      next: 'run the same command again',
    });
  }
}

function refuseImmovable(
  { host: node, state }: ComputeService,
  servers: readonly PlacedServer[],
  services: readonly ComputeService[],
): void {
  if (servers.length === 0) return;
  if (state === 'down') {
    throw new GantryError({
      code: 'node.down',
      whose: 'environment',
      message: `nova-compute on ${node} is down, and nothing can be moved from there; nothing was changed`,
      why: servers.map((server) => `${server.name} (${server.id}) is on it`).join('\n'),
      next: 'bring the node back; if it is lost for good, delete these servers or have Nova make them anew from their images (`gantry openstack server evacuate`), and run the same command again',
    });
  }
  const targets = services.filter(
    ({ host, status, state }) => host !== node && status === 'enabled' && state === 'up',
  );
  const reasons = servers
    .filter((server) => server.status !== 'ACTIVE' && server.status !== 'PAUSED')
    .map((server) => `${server.name} (${server.id}) is ${server.status}: only running servers move live`);
  if (targets.length === 0) reasons.push('no other compute node is up and enabled');
  if (reasons.length === 0) return;
  throw new GantryError({
    code: 'node.not-movable',
    whose: 'user',
    message: `${node} cannot be drained; nothing was changed`,
    why: reasons.join('\n'),
    next: 'start or delete these servers, or add a compute node, and run the same command again',
  });
}

function unknownHost(node: string, services: readonly ComputeService[]): GantryError {
  const hosts = services.map(({ host }) => host).sort();
  return new GantryError({
    code: 'node.unknown',
    whose: 'user',
    message: `neither Nova nor Neutron knows a node ${node}`,
    next: hosts.length > 0 ? `its compute nodes are ${hosts.join(', ')}` : 'it has no compute node at all',
  });
}

function listNames(servers: readonly PlacedServer[]): string {
  return servers.map(({ name }) => name).join(', ');
}
