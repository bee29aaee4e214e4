import { GantryError } from '../errors.ts';
import { hasStatus } from './errors.ts';
import { defineResource, removeAt } from './resource.ts';
import type { Session } from './session.ts';
import { waitFor } from './wait.ts';

/** Old enough for every release Gantry runs; from 2.36 on Nova no longer passes calls on to other services. */
const microversion = '2.90';
const service = 'compute';

export interface Flavor {
  id: string;
  name: string;
  vcpus: number;
  ram: number;
  disk: number;
}
export interface Server {
  id: string;
  name: string;
  status: string;
  'OS-EXT-STS:task_state': string | null;
  /** As the hypervisor last said; see `powerStates`. */
  'OS-EXT-STS:power_state': number;
  /** ISO 8601, in UTC. */
  created: string;
  /** `True`, or nothing. */
  config_drive: string;
  fault?: { message: string };
}
export interface KeyPair {
  name: string;
  public_key: string;
}

export const flavors = defineResource<Flavor>({
  service,
  path: '/flavors',
  listPath: '/flavors/detail',
  one: 'flavor',
  many: 'flavors',
  microversion,
});
export const servers = defineResource<Server>({
  service,
  path: '/servers',
  listPath: '/servers/detail',
  one: 'server',
  many: 'servers',
  microversion,
});

const HYPERVISOR_LIMIT_MS = 60_000;
const BOOT_LIMIT_MS = 240_000;
const DELETE_LIMIT_MS = 120_000;
const POLL_MS = 500;
const WATCH_MS = 2000;
/** While waiting, one answer that is lost must not hold up the next look. */
const poll = { timeoutMs: 15_000, retryMs: 0 };

/**
 * Waits until at least one hypervisor takes servers: its service is up, the scheduler has found its host, and it answers,
 * since Nova asks each for its uptime. Right after a cloud came up that takes a second or two more, and a server asked
 * for before would end in ERROR. Needs an administrator's session.
 */
export async function waitForHypervisor(admin: Session, waiting?: (reason: string) => void): Promise<void> {
  await waitFor<true>({
    failure: 'no hypervisor was ready to take servers',
    limitMs: HYPERVISOR_LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      const { body } = await admin.request<{ hypervisors: { state: string; status: string }[] }>(
        service,
        'GET',
        '/os-hypervisors/detail',
        { microversion, ...poll },
      );
      const ready = body.hypervisors.some(({ state, status }) => state === 'up' && status === 'enabled');
      return ready ? { done: true } : { waiting: 'no hypervisor takes servers yet' };
    },
    waiting,
    signal: admin.signal,
    clock: admin.clock,
  });
}

/** Waits until the server is ACTIVE. Throws `openstack.server-error` with Nova's own words, or a time-out. */
export async function waitUntilActive(
  session: Session,
  id: string,
  waiting?: (reason: string) => void,
): Promise<Server> {
  return waitFor<Server>({
    failure: `server ${id} did not become ACTIVE`,
    limitMs: BOOT_LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      const server = await servers.get(session, id, poll);
      if (server.status === 'ACTIVE') return { done: server };
      if (server.status === 'ERROR') throw serverError(server);
      return { waiting: [server.status, server['OS-EXT-STS:task_state']].filter(Boolean).join(', ') };
    },
    waiting,
    signal: session.signal,
    clock: session.clock,
  });
}

/** Of a server that is there and does not run (nova/compute/power_state.py). */
const stoppedStates: Record<number, string> = {
  3: 'paused',
  4: 'shut off',
  6: 'crashed',
  7: 'suspended',
};

/**
 * For waits on a server that has become ACTIVE: throws `openstack.server-stopped` as soon as its hypervisor has stopped it
 * though nobody asked for that. Asks Nova no more often than every two seconds.
 */
export function watchRunning(session: Session, id: string): () => Promise<void> {
  let next = 0;
  return async () => {
    if (session.clock.now() < next) return;
    next = session.clock.now() + WATCH_MS;
    const server = await servers.get(session, id, poll);
    const stopped = stoppedStates[server['OS-EXT-STS:power_state']];
    if (server.status !== 'ACTIVE' || server['OS-EXT-STS:task_state'] || !stopped) return;
    throw new GantryError({
      code: 'openstack.server-stopped',
      whose: 'environment',
      message: `server ${server.name} is ${stopped}, though Nova is to run it`,
      next: `gantry explain server ${id}`,
    });
  };
}

function serverError(server: Server): GantryError {
  return new GantryError({
    code: 'openstack.server-error',
    whose: 'environment',
    message: `server ${server.name} is in state ERROR`,
    why: server.fault?.message,
    next: 'Look at the logs of nova-scheduler and nova-compute.',
  });
}

/** Removes servers and waits until they are gone. */
export async function removeServers(session: Session, ids: readonly string[]): Promise<void> {
  await Promise.all(
    ids.map(async (id) => {
      await servers.remove(session, id);
      await waitFor({
        failure: `server ${id} was not removed`,
        limitMs: DELETE_LIMIT_MS,
        everyMs: POLL_MS,
        look: async () => {
          try {
            return { waiting: (await servers.get(session, id, poll)).status };
          } catch (error) {
            if (hasStatus(error, 404)) return { done: undefined };
            throw error;
          }
        },
        signal: session.signal,
        clock: session.clock,
      });
    }),
  );
}

export async function startServer(session: Session, id: string): Promise<void> {
  await session.request(service, 'POST', `/servers/${id}/action`, {
    json: { 'os-start': null },
    microversion,
  });
}

/** The last lines of what the server wrote to its serial console. */
export async function readConsole(session: Session, id: string, lines: number): Promise<string> {
  const { body } = await session.request<{ output: string }>(service, 'POST', `/servers/${id}/action`, {
    json: { 'os-getConsoleOutput': { length: lines } },
    microversion,
  });
  return body.output;
}

/** Address of a page that shows the server's screen; carries a token of its own. */
export async function openConsole(session: Session, id: string): Promise<string> {
  const { body } = await session.request<{ remote_console: { url: string } }>(
    service,
    'POST',
    `/servers/${id}/remote-consoles`,
    { json: { remote_console: { protocol: 'vnc', type: 'novnc' } }, microversion },
  );
  return body.remote_console.url;
}

/** The key pair of the session's user, with that key: one with another key is replaced. Says what was done. */
export async function ensureKeyPair(
  session: Session,
  name: string,
  publicKey: string,
): Promise<'created' | 'replaced' | 'exists'> {
  const { body } = await session.request<{ keypairs: { keypair: KeyPair }[] }>(
    service,
    'GET',
    '/os-keypairs',
    { microversion },
  );
  const existing = body.keypairs.find(({ keypair }) => keypair.name === name)?.keypair;
  if (existing && keyOf(existing.public_key) === keyOf(publicKey)) return 'exists';
  if (existing) await removeKeyPair(session, name);
  await session.request(service, 'POST', '/os-keypairs', {
    json: { keypair: { name, type: 'ssh', public_key: publicKey.trim() } },
    microversion,
  });
  return existing ? 'replaced' : 'created';
}

/** Type and key without the comment (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
function keyOf(publicKey: string): string {
  return publicKey.trim().split(/\s+/).slice(0, 2).join(' ');
}

/** Removes a key pair of the session's user, or of the given one where the session is an administrator's. */
export async function removeKeyPair(session: Session, name: string, userId?: string): Promise<boolean> {
  return removeAt(session, service, `/os-keypairs/${encodeURIComponent(name)}`, {
    microversion,
    query: { user_id: userId },
  });
}
