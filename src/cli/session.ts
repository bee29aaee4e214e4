import type { Session } from '../openstack/session.ts';
import { type Cloud, identityUrl } from './cloud.ts';

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
