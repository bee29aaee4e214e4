import { buffer } from 'node:stream/consumers';
import { assignRole, listAssignedRoles, roles, unassignRole } from './identity.ts';
import { removeAt } from './resource.ts';
import type { Session } from './session.ts';

/** Keys and other secrets, by the API of Barbican: https://docs.openstack.org/barbican/latest/api/ */

const SERVICE = 'key-manager';
const BYTES = 'application/octet-stream';

export interface Order {
  status: 'PENDING' | 'ACTIVE' | 'ERROR';
  error_reason?: string;
  /** What was made, once it is active. */
  secret_ref?: string;
}

/** In the order of removal: containers name secrets, and orders what they made. */
const collections = ['orders', 'containers', 'secrets'] as const;
type Collection = (typeof collections)[number];

/** Keeps these bytes; resolves to the secret's id. */
export async function storeSecret(
  session: Session,
  { name, content }: { name: string; content: Buffer },
): Promise<string> {
  const payload = content.toString('base64');
  const { body } = await session.request<{ secret_ref: string }>(SERVICE, 'POST', '/secrets', {
    json: { name, payload, payload_content_type: BYTES, payload_content_encoding: 'base64' },
    secrets: [payload],
  });
  return idOf(body.secret_ref);
}

export async function readSecret(session: Session, id: string): Promise<Buffer> {
  const { body } = await session.download(SERVICE, `/secrets/${id}/payload`, { headers: { accept: BYTES } });
  return buffer(body);
}

/** Has an AES key of 256 bits made; resolves to the order's id. */
export async function orderKey(session: Session, name: string): Promise<string> {
  const meta = { name, algorithm: 'aes', bit_length: 256, mode: 'cbc', payload_content_type: BYTES };
  const { body } = await session.request<{ order_ref: string }>(SERVICE, 'POST', '/orders', {
    json: { type: 'key', meta },
  });
  return idOf(body.order_ref);
}

export async function getOrder(session: Session, id: string): Promise<Order> {
  return (await session.request<Order>(SERVICE, 'GET', `/orders/${id}`)).body;
}

export async function removeOrder(session: Session, id: string): Promise<boolean> {
  return removeAt(session, SERVICE, `/orders/${id}`);
}

export async function removeSecret(session: Session, id: string): Promise<boolean> {
  return removeAt(session, SERVICE, `/secrets/${id}`);
}

/** What is kept is named by the address that it was asked at; it ends with the id. */
export function idOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

/** Whether a project has anything. */
export async function hasSecrets(admin: Session, projectId: string): Promise<boolean> {
  return asProject(admin, projectId, async (token) => {
    for (const collection of collections) {
      if ((await listIds(admin, collection, token, 1)).length > 0) return true;
    }
    return false;
  });
}

/** Removes all that a project has; says whether there was anything. */
export async function removeSecrets(admin: Session, projectId: string): Promise<boolean> {
  return asProject(admin, projectId, async (token) => {
    let removed = false;
    for (const collection of collections) {
      for (let ids = await listIds(admin, collection, token); ids.length > 0; ) {
        for (const id of ids) await removeAt(admin, SERVICE, `/${collection}/${id}`, asToken(token));
        removed = true;
        ids = await listIds(admin, collection, token);
      }
    }
    return removed;
  });
}

const asToken = (token: string) => ({
  anonymous: true,
  headers: { 'x-auth-token': token },
  secrets: [token],
});

async function listIds(
  admin: Session,
  collection: Collection,
  token: string,
  limit = 100,
): Promise<string[]> {
  const { body } = await admin.request<Record<string, { [kind: string]: unknown }[]>>(
    SERVICE,
    'GET',
    `/${collection}`,
    { query: { limit }, ...asToken(token) },
  );
  const reference = `${collection.slice(0, -1)}_ref`;
  return (body[collection] ?? []).map((one) => idOf(String(one[reference])));
}

/**
 * Barbican tells nobody what is in a project that his token is not for, the cloud's administrator included: he is given
 * the role there for as long as this takes.
 */
async function asProject<T>(
  admin: Session,
  projectId: string,
  work: (token: string) => Promise<T>,
): Promise<T> {
  const role = (await roles.find(admin, { name: 'admin' }))?.id;
  if (role === undefined) throw new Error('Keystone has no role admin');
  const assignment = { user: admin.userId, scope: { project: projectId }, role };
  const isOurs = !(await listAssignedRoles(admin, assignment)).includes(role);
  if (isOurs) await assignRole(admin, assignment);
  try {
    const own = await admin.token();
    const identity = { methods: ['token'], token: { id: own } };
    const { headers } = await admin.request('identity', 'POST', '/auth/tokens', {
      json: { auth: { identity, scope: { project: { id: projectId } } } },
      secrets: [own],
    });
    return await work(String(headers['x-subject-token']));
  } finally {
    if (isOurs) await unassignRole(admin, assignment);
  }
}
