import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { hasStatus } from './errors.ts';
import type { Session } from './session.ts';

/** Containers of objects, by the API of Swift: https://docs.openstack.org/api-ref/object-store/ */

const SERVICE = 'object-store';

/** What a project has, below the API's version. */
function accountOf(projectId: string): string {
  return `/AUTH_${projectId}`;
}

function pathOf({ projectId = '' }: Session, container: string, object?: string): string {
  const parts = [container, ...(object === undefined ? [] : object.split('/'))];
  return [accountOf(projectId), ...parts.map(encodeURIComponent)].join('/');
}

/** Makes a container of the session's project; one that is there stays. */
export async function makeContainer(session: Session, container: string): Promise<void> {
  await session.request(SERVICE, 'PUT', pathOf(session, container));
}

export async function putObject(
  session: Session,
  { container, name, content }: { container: string; name: string; content: Buffer },
): Promise<void> {
  await session.request(SERVICE, 'PUT', pathOf(session, container, name), {
    stream: Readable.from([content]),
    headers: { 'content-type': 'application/octet-stream', 'content-length': `${content.length}` },
  });
}

/** The bytes of an object. */
export async function getObject(session: Session, container: string, name: string): Promise<Buffer> {
  const { body } = await session.download(SERVICE, pathOf(session, container, name));
  return buffer(body);
}

/**
 * A URL below Swift's endpoint by which whoever has it gets an object, until so many seconds after the epoch:
 * https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html
 */
export function temporaryUrl(
  endpoint: string,
  {
    projectId,
    container,
    name,
    key,
    expires,
  }: { projectId: string; container: string; name: string; key: string; expires: number },
): string {
  const { origin, pathname } = new URL(endpoint);
  const version = pathname.split('/')[1];
  const path = `/${version}${accountOf(projectId)}/${container}/${name}`;
  const signature = createHmac('sha256', key).update(`GET\n${expires}\n${path}`).digest('hex');
  return `${origin}${path}?temp_url_sig=${signature}&temp_url_expires=${expires}`;
}

/** Whether a project has anything. */
export async function hasObjects(admin: Session, projectId: string): Promise<boolean> {
  const query = { format: 'json', limit: 1 };
  const { body } = await admin.request<unknown[] | undefined>(SERVICE, 'GET', accountOf(projectId), {
    query,
  });
  return (body ?? []).length > 0;
}

/** Removes all that a project has; says whether there was anything. The space is free once reapers have passed. */
export async function removeAccount(admin: Session, projectId: string): Promise<boolean> {
  try {
    await admin.request(SERVICE, 'DELETE', accountOf(projectId));
    return true;
  } catch (error) {
    if (hasStatus(error, 404)) return false;
    throw error;
  }
}
