import { GantryError } from '../errors.ts';
import { type Server, servers } from './compute.ts';
import { removeAt } from './resource.ts';
import type { Session } from './session.ts';
import { waitFor } from './wait.ts';

/** From 2.53 on compute services have ids that are unique over cells; 2.90 as everywhere else. */
const microversion = '2.90';
const service = 'compute';
const MIGRATION_LIMIT_MS = 600_000;
const GONE_LIMIT_MS = 120_000;

/** A nova-compute, as Nova knows it. */
export interface ComputeService {
  id: string;
  host: string;
  status: 'enabled' | 'disabled';
  state: 'up' | 'down';
  disabled_reason: string | null;
}

/** A server with what only administrators see. */
export interface PlacedServer extends Server {
  'OS-EXT-SRV-ATTR:host': string | null;
}

export async function listComputeServices(admin: Session): Promise<ComputeService[]> {
  const { body } = await admin.request<{ services: ComputeService[] }>(service, 'GET', '/os-services', {
    microversion,
    query: { binary: 'nova-compute' },
  });
  return body.services;
}

/** Has the scheduler leave a host out, or take it in again. The reason is shown to administrators. */
export async function setComputeService(
  admin: Session,
  id: string,
  values: { status: 'enabled' | 'disabled'; disabled_reason?: string },
): Promise<void> {
  await admin.request(service, 'PUT', `/os-services/${id}`, { microversion, json: values });
}

/** Forgets a host: its service, and with it its resource provider in Placement where nothing is allocated there. */
export function removeComputeService(admin: Session, id: string): Promise<boolean> {
  return removeAt(admin, service, `/os-services/${id}`, { microversion });
}

/** What Nova calls the host that is a node, and what Nova and Placement call its hypervisor. */
export interface ComputeHost {
  host: string;
  hypervisor: string;
}

/**
 * The host that has one of the node's addresses; of several, and where there is none, the one that has the node's name.
 * A node keeps the name that it had when it came: that may be its host name, without the domain, of which other nodes
 * have the same.
 */
export async function findComputeHost(
  admin: Session,
  node: string,
  addresses: readonly string[],
): Promise<ComputeHost> {
  // From 2.88 on Nova asks each hypervisor for its uptime, and waits for those that do not answer.
  const { body } = await admin.request<{
    hypervisors: { hypervisor_hostname: string; host_ip: string; service: { host: string } }[];
  }>(service, 'GET', '/os-hypervisors/detail', { microversion: '2.87' });
  const there = body.hypervisors.filter(({ host_ip }) => addresses.includes(host_ip));
  const found =
    there.length === 1
      ? there[0]
      : (there.length > 0 ? there : body.hypervisors).find((one) => one.service.host === node);
  // A host of no cell has no hypervisor.
  if (!found) return { host: node, hypervisor: node };
  return { host: found.service.host, hypervisor: found.hypervisor_hostname };
}

/** Servers of all projects on a host. */
export async function listServersOn(admin: Session, host: string): Promise<PlacedServer[]> {
  return (await servers.list(admin, { all_tenants: 'true', host })) as PlacedServer[];
}

/**
 * Moves a running server to another host, chosen by the scheduler, and waits until it runs there. Its disk is copied
 * where it is not shared. Throws with Nova's own words where the migration fails: the server then runs where it was.
 */
export async function migrateLive(
  admin: Session,
  server: PlacedServer,
  waiting?: (reason: string) => void,
): Promise<string> {
  const from = server['OS-EXT-SRV-ATTR:host'];
  await admin.request(service, 'POST', `/servers/${server.id}/action`, {
    microversion,
    json: { 'os-migrateLive': { host: null, block_migration: 'auto' } },
  });
  return waitFor<string>({
    failure: `server ${server.name} did not move away from ${from}`,
    limitMs: MIGRATION_LIMIT_MS,
    everyMs: 1000,
    look: async () => {
      const now = (await servers.get(admin, server.id)) as PlacedServer;
      const host = now['OS-EXT-SRV-ATTR:host'];
      const task = now['OS-EXT-STS:task_state'];
      if (host && host !== from && now.status === 'ACTIVE' && task === null) return { done: host };
      const migration = await lastMigration(admin, server.id);
      if (migration && ['error', 'failed', 'cancelled'].includes(migration.status))
        throw migrationFailed(server);
      return { waiting: migration ? `migration is ${migration.status}` : 'no host is chosen yet' };
    },
    waiting,
    signal: admin.signal,
    clock: admin.clock,
  });
}

/** Waits until Nova has not heard from the host's service for as long as makes it down. */
export async function waitUntilDown(
  admin: Session,
  id: string,
  waiting?: (reason: string) => void,
): Promise<void> {
  await waitFor<true>({
    failure: 'nova-compute still reports to Nova',
    limitMs: GONE_LIMIT_MS,
    everyMs: 1000,
    look: async () => {
      const found = (await listComputeServices(admin)).find((one) => one.id === id);
      return !found || found.state === 'down' ? { done: true } : { waiting: 'Nova still counts it as up' };
    },
    waiting,
    signal: admin.signal,
    clock: admin.clock,
  });
}

async function lastMigration(admin: Session, id: string): Promise<{ status: string } | undefined> {
  const { body } = await admin.request<{ migrations: { status: string; created_at: string }[] }>(
    service,
    'GET',
    '/os-migrations',
    { microversion, query: { instance_uuid: id } },
  );
  return body.migrations.sort((a, b) => b.created_at.localeCompare(a.created_at))[0];
}

function migrationFailed(server: PlacedServer): GantryError {
  return new GantryError({
    code: 'openstack.migration-failed',
    whose: 'environment',
    message: `server ${server.name} (${server.id}) could not be moved; it runs where it was`,
    next: 'look at the logs of nova-compute on both nodes; `gantry openstack server event list` has more',
  });
}
