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

export const demoUser: Login = { user: 'demo', secret: 'demo-account', project: 'demo' };
export const administrator: Login = { user: 'admin', secret: 'keystone-admin', project: 'admin' };

/** What a user's entry is called in each clouds.yaml: the client's own (catalogue/client), and that of `gantry env`. */
export function entryName(cloud: string, user: UserName): string {
  return user === 'admin' ? cloud : `${cloud}-${user}`;
}
