import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { hasStatus } from './errors.ts';
import type { Kind } from './purge.ts';
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

/** What a project has, which goes by `remove`. */
export function accountsOfObjects(remove: Kind['remove']): Kind {
  return {
    what: 'account of objects',
    // Those of all projects are on no list.
    list: async () => [],
    listOf: async (admin, projectId) =>
      (await hasObjects(admin, projectId)) ? [{ id: projectId, project_id: projectId }] : [],
    remove,
  };
}

/** Whether a project has anything. */
async function hasObjects(admin: Session, projectId: string): Promise<boolean> {
  const query = { format: 'json', limit: 1 };
  const { body } = await admin.request<unknown[] | undefined>(SERVICE, 'GET', accountOf(projectId), {
    query,
  });
  return (body ?? []).length > 0;
}

/**
 * Removes all containers of a project with what is in them, one after another, for what knows no removal of accounts. A
 * container with versions of objects, which Swift's API does not show there, cannot go.
 */
export async function emptyAccount(admin: Session, projectId: string): Promise<void> {
  const account = accountOf(projectId);
  const containers = await namesIn(admin, account);
  for (const container of containers.map((name) => `${account}/${encodeURIComponent(name)}`)) {
    for (let isFuller = true; isFuller; ) {
      const paths = (await namesIn(admin, container)).map(
        (name) => `${container}/${name.split('/').map(encodeURIComponent).join('/')}`,
      );
      const removals: boolean[] = [];
      for (const path of paths) removals.push(await remove(admin, path));
      // What is listed though it is not there would be listed again for ever.
      isFuller = removals.includes(true);
    }
    await remove(admin, container);
  }
}

/** The first of those in an account or a container, up to 10 000. */
async function namesIn(admin: Session, path: string): Promise<string[]> {
  const { body } = await admin.request<{ name: string }[] | undefined>(SERVICE, 'GET', path, {
    query: { format: 'json' },
  });
  return (body ?? []).map(({ name }) => name);
}

/** Says whether it was there: somebody else may have been first. */
async function remove(admin: Session, path: string): Promise<boolean> {
  try {
    await admin.request(SERVICE, 'DELETE', path);
    return true;
  } catch (error) {
    if (hasStatus(error, 404)) return false;
    throw error;
  }
}

/** Removes all that a project has; says whether there was anything. The space is free once reapers have passed. */
export async function removeAccount(admin: Session, projectId: string): Promise<boolean> {
  return remove(admin, accountOf(projectId));
}
