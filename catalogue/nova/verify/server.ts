import { GantryError } from '../../../src/errors.ts';
import { lastLines } from '../../../src/model/strings.ts';
import { readConsole, servers, watchRunning } from '../../../src/openstack/compute.ts';
import { Skip } from '../../../src/openstack/flow.ts';
import { ports } from '../../../src/openstack/network.ts';
import type { Session } from '../../../src/openstack/session.ts';
import { type WaitOptions, waitFor } from '../../../src/openstack/wait.ts';
import { readMarkers, userData } from './marker.ts';

const CONSOLE_LIMIT_MS = 120_000;
const CONSOLE_LINES = 400;
const POLL_MS = 1000;

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

/** Tries until it succeeds; what it says when it fails is what is waited for. */
export async function retry<T>(
  session: Session,
  wait: Pick<WaitOptions<T>, 'failure' | 'limitMs' | 'watch' | 'waiting'>,
  attempt: () => Promise<T>,
): Promise<T> {
  return waitFor<T>({
    ...wait,
    everyMs: POLL_MS,
    look: async () => {
      try {
        return { done: await attempt() };
      } catch (error) {
        if (error instanceof Skip) throw error;
        return { waiting: error instanceof Error ? error.message : String(error) };
      }
    },
    signal: session.signal,
    clock: session.clock,
  });
}
