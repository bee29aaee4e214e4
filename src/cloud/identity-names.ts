import { administrator } from '../model/cloud-users.ts';
import { domains, projects, roles, users } from '../openstack/identity.ts';
import { timeLimit } from '../time-limit.ts';
import { warn } from './caller.ts';
import type { Cloud } from './cloud.ts';
import { openPublicSession } from './session.ts';

/** Names by ids, of what Keystone has. */
export type IdentityNames = ReadonlyMap<string, string>;

/** Keystone answers sooner than that, or there are ids in place of names. */
const LIMIT_MS = 5000;

/** Says where it cannot be asked, and gives none then. */
export async function readIdentityNames(cloud: Cloud, signal: AbortSignal): Promise<IdentityNames> {
  const limited = AbortSignal.any([signal, timeLimit(LIMIT_MS)]);
  try {
    const session = await openPublicSession(cloud, administrator, limited);
    try {
      const all = await Promise.all([users, projects, roles, domains].map((kind) => kind.list(session)));
      return new Map(all.flat().map(({ id, name }) => [id, name]));
    } finally {
      await session.close();
    }
  } catch {
    if (!signal.aborted) warn(cloud.emit, 'Keystone does not say what is called how: events have its ids');
    return new Map();
  }
}

/** What Keystone makes of ids: UUIDs without hyphens. */
const ID = /\b[0-9a-f]{32}\b/g;

/** The same text with names in place of ids, as far as there are any. */
export function withNames(text: string, names: IdentityNames): string {
  return text.replace(ID, (id) => names.get(id) ?? id);
}
