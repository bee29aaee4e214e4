import type { Session } from './session.ts';

/** The newest microversion that a service's API speaks; `latest` where it does not say. */
export async function newestMicroversion(session: Session, service: string): Promise<string> {
  interface Version {
    version?: string;
    max_version?: string;
  }
  const { body } = await session.request<{ version?: Version; versions?: Version[] }>(service, 'GET', '/');
  const version = body.version ?? body.versions?.[0];
  return version?.version || version?.max_version || 'latest';
}
