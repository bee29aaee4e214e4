import { GantryError } from '../errors.ts';
import { hasStatus } from './errors.ts';
import { defineResource } from './resource.ts';
import type { Session } from './session.ts';
import { waitFor } from './wait.ts';

/** Volumes of servers, by the API of Cinder: https://docs.openstack.org/api-ref/block-storage/v3/ */

const service = 'block-storage';
const POLL_MS = 500;
const LIMIT_MS = 120_000;

export interface Volume {
  id: string;
  name: string;
  status: string;
  /** GiB. */
  size: number;
}
export interface VolumeSnapshot {
  id: string;
  status: string;
}

export const volumes = defineResource<Volume>({
  service,
  path: '/volumes',
  listPath: '/volumes/detail',
  one: 'volume',
  many: 'volumes',
});
export const volumeSnapshots = defineResource<VolumeSnapshot>({
  service,
  path: '/snapshots',
  listPath: '/snapshots/detail',
  one: 'snapshot',
  many: 'snapshots',
});
/** From 3.18 on it is said of which project a backup is. */
export const volumeBackups = defineResource<{ id: string }>({
  service,
  path: '/backups',
  listPath: '/backups/detail',
  one: 'backup',
  many: 'backups',
  microversion: '3.18',
});
/** From 3.57 on it is said of which project one is. */
export const volumeTransfers = defineResource<{ id: string }>({
  service,
  path: '/volume-transfers',
  listPath: '/volume-transfers/detail',
  one: 'transfer',
  many: 'transfers',
  microversion: '3.57',
});
/** From 3.58 on it is said of which project groups and their snapshots are. */
const ofGroups = '3.58';
export const volumeGroups = defineResource<{ id: string; status: string }>({
  service,
  path: '/groups',
  listPath: '/groups/detail',
  one: 'group',
  many: 'groups',
  microversion: ofGroups,
});
export const volumeGroupSnapshots = defineResource<{ id: string; status: string }>({
  service,
  path: '/group_snapshots',
  listPath: '/group_snapshots/detail',
  one: 'group_snapshot',
  many: 'group_snapshots',
  microversion: ofGroups,
});
export const volumeGroupTypes = defineResource({
  service,
  path: '/group_types',
  one: 'group_type',
  many: 'group_types',
  microversion: ofGroups,
});
export const volumeTypes = defineResource<{ id: string; name: string }>({
  service,
  path: '/types',
  one: 'volume_type',
  many: 'volume_types',
});
export const volumeQos = defineResource({
  service,
  path: '/qos-specs',
  one: 'qos_specs',
  many: 'qos_specs',
});

const kinds = {
  volume: volumes,
  snapshot: volumeSnapshots,
  group: volumeGroups,
  'group snapshot': volumeGroupSnapshots,
};
type Kind = keyof typeof kinds;

interface Watching {
  waiting?: (reason: string) => void;
}

/** Waits until a volume or snapshot is `available`. Throws `openstack.volume-error` where it cannot be any more. */
export async function waitUntilAvailable(
  session: Session,
  kind: Kind,
  id: string,
  { waiting }: Watching = {},
): Promise<void> {
  await waitFor<true>({
    failure: `${kind} ${id} was not available`,
    limitMs: LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      const { status } = await kinds[kind].get(session, id);
      if (status.startsWith('error')) throw volumeError(kind, id, status);
      return status === 'available' ? { done: true } : { waiting: `${kind} is ${status}` };
    },
    waiting,
    signal: session.signal,
    clock: session.clock,
  });
}

/** Removes it, and waits until it is gone: until then its name and its bytes count. */
export async function removeAndWait(
  session: Session,
  kind: Kind,
  id: string,
  { waiting }: Watching = {},
): Promise<void> {
  if (await kinds[kind].remove(session, id)) await waitUntilGone(session, kind, id, { waiting });
}

/** Removes a group with its volumes, and waits until all are gone. */
export async function removeGroupAndWait(session: Session, id: string): Promise<void> {
  await session.request(service, 'POST', `/groups/${id}/action`, {
    json: { delete: { 'delete-volumes': true } },
    microversion: ofGroups,
  });
  await waitUntilGone(session, 'group', id);
}

async function waitUntilGone(
  session: Session,
  kind: Kind,
  id: string,
  { waiting }: Watching = {},
): Promise<void> {
  await waitFor<true>({
    failure: `${kind} ${id} did not go`,
    limitMs: LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      try {
        const { status } = await kinds[kind].get(session, id);
        if (status.startsWith('error')) throw volumeError(kind, id, status);
        return { waiting: `${kind} is ${status}` };
      } catch (error) {
        if (hasStatus(error, 404)) return { done: true };
        throw error;
      }
    },
    waiting,
    signal: session.signal,
    clock: session.clock,
  });
}

/** Makes a volume that is attached nowhere larger, and waits until it is. */
export async function extendVolume(
  session: Session,
  id: string,
  sizeGiB: number,
  watching: Watching = {},
): Promise<void> {
  await session.request(service, 'POST', `/volumes/${id}/action`, {
    json: { 'os-extend': { new_size: sizeGiB } },
  });
  await waitUntilAvailable(session, 'volume', id, watching);
}

/** Cinder's processes beside its API, as it knows them by their programs. */
export async function listVolumeServices(admin: Session): Promise<{ binary: string; host: string }[]> {
  const { body } = await admin.request<{ services: { binary: string; host: string }[] }>(
    service,
    'GET',
    '/os-services',
  );
  return body.services;
}

/** Removes a volume with its snapshots. */
export async function removeVolume(session: Session, id: string): Promise<void> {
  await session.request(service, 'DELETE', `/volumes/${id}`, { query: { cascade: 'true' } });
}

function volumeError(kind: Kind, id: string, status: string): GantryError {
  return new GantryError({
    code: 'openstack.volume-error',
    whose: 'environment',
    message: `${kind} ${id} is in status ${status}`,
    next: 'Look at the logs of Cinder.',
  });
}
