import { GantryError } from '../errors.ts';
import type { Connection } from '../model/engine.ts';
import type { Session } from '../openstack/session.ts';
import { type Cloud, identityUrl } from './cloud.ts';

/** Of whom the command line has credentials. */
export type UserName = 'admin' | 'demo';

export interface Login {
  user: string;
  /** Name of the secret that is its password. */
  secret: string;
  project: string;
}

/** Logs in through the public endpoint, as users of the cloud do. */
export async function openPublicSession(cloud: Cloud, login: Login, signal: AbortSignal): Promise<Session> {
  const { openSession } = await import('../openstack/session.ts');
  return openSession({
    authUrl: identityUrl(cloud.config),
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

/** HAProxy serves internal endpoints without TLS, each at its own port. */
async function openThroughEngine({ config, secrets, engine }: Cloud, signal: AbortSignal): Promise<Session> {
  const { openSession } = await import('../openstack/session.ts');
  const ways = new Map<number, Promise<Connection>>();
  const route = async (port: number): Promise<Connection> => {
    const way = ways.get(port) ?? engine.connect(config.name, 'haproxy', port);
    ways.set(port, way);
    return way.catch((thrown) => {
      ways.delete(port);
      throw thrown;
    });
  };
  const session = await openSession({
    authUrl: 'http://keystone:5000/v3',
    route,
    user: administrator.user,
    password: secrets.get(administrator.secret),
    project: administrator.project,
    interface: 'internal',
    region: config.region,
    signal,
  });
  const close = async (): Promise<void> => {
    await session.close();
    for (const way of ways.values()) await (await way).close();
  };
  return { ...session, close };
}

export const demoUser: Login = { user: 'demo', secret: 'demo-account', project: 'demo' };
export const administrator: Login = { user: 'admin', secret: 'keystone-admin', project: 'admin' };

/** What a user's entry is called in each clouds.yaml: the client's own (catalogue/client), and that of `gantry env`. */
export function entryName(cloud: string, user: UserName): string {
  return user === 'admin' ? cloud : `${cloud}-${user}`;
}
