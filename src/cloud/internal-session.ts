import { administrator } from '../model/cloud-users.ts';
import type { Session, SessionOptions } from '../openstack/session.ts';

/** Logs in as the administrator at the internal endpoints, which are reached by a way through the engine only. */
export async function openInternalSession(
  options: Required<Pick<SessionOptions, 'authUrl' | 'region' | 'password' | 'route' | 'signal'>>,
): Promise<Session> {
  const { openSession } = await import('../openstack/session.ts');
  return openSession({
    endpointOverride: { identity: options.authUrl },
    user: administrator.user,
    project: administrator.project,
    interface: 'internal',
    ...options,
  });
}
