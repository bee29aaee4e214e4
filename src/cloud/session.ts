import type { Connection } from '../engine/engine.ts';
import { GantryError } from '../errors.ts';
import { administrator, type Login } from '../model/cloud-users.ts';
import type { Session } from '../openstack/session.ts';
import type { Cloud } from './cloud.ts';
import { openInternalSession } from './internal-session.ts';
import { taken } from './taken.ts';

/** Logs in through the public endpoint, as users of the cloud do. */
export async function openPublicSession(cloud: Cloud, login: Login, signal: AbortSignal): Promise<Session> {
  const { openSession } = await import('../openstack/session.ts');
  return openSession({
    authUrl: taken(cloud.desired, 'identity').publicUrl,
    ...(cloud.authority ? { ca: cloud.authority } : {}),
    user: login.user,
    password: cloud.secrets.get(login.secret),
    project: login.project,
    interface: 'public',
    region: cloud.config.region,
    signal,
  });
}

/**
 * Logs in as the administrator. Where the public endpoint cannot be reached, as with the node that has its address, and
 * the engine has several nodes, the way is to the internal endpoints, through the engine.
 */
export async function openAdministration(
  cloud: Cloud,
  signal: AbortSignal,
  report: (text: string) => void,
): Promise<Session> {
  try {
    return await openPublicSession(cloud, administrator, signal);
  } catch (thrown) {
    const isAway = thrown instanceof GantryError && thrown.code === 'openstack.unreachable';
    if (!isAway || !cloud.engine.nodes) throw thrown;
    report(`${thrown.message}; the way is through the cluster's API server`);
    return openThroughEngine(cloud, signal);
  }
}

/** The front door serves internal endpoints without TLS, each at its own port. */
async function openThroughEngine(
  { config, desired, secrets, engine }: Cloud,
  signal: AbortSignal,
): Promise<Session> {
  const frontDoor = taken(desired, 'frontDoor');
  const ways = new Map<number, Promise<Connection>>();
  const session = await openInternalSession({
    authUrl: taken(desired, 'identity').url,
    region: config.region,
    password: secrets.get(administrator.secret),
    route: async (port) => {
      const way = ways.get(port) ?? engine.connect(config.name, frontDoor, port);
      ways.set(port, way);
      return way.catch((thrown) => {
        ways.delete(port);
        throw thrown;
      });
    },
    signal,
  });
  const close = async (): Promise<void> => {
    await session.close();
    for (const way of ways.values()) await (await way).close();
  };
  return { ...session, close };
}
