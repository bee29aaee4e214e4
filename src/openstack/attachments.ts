import { type Server, servers } from './compute.ts';
import { listAll, removeAt } from './resource.ts';
import type { Session } from './session.ts';

/** What Cinder and Nova say of volumes in servers, as administrators see it. */

/** From 3.44 on an attachment can be completed. */
const microversion = '3.44';
/** From 2.89 on Nova says which attachment of Cinder's is that of a volume; this one it has everywhere here. */
const novaMicroversion = '2.90';

/** A volume, by `GET /volumes/detail`. Times are ISO 8601 in UTC, without a zone. */
export interface AttachableVolume {
  id: string;
  name: string;
  status: string;
  created_at: string;
  updated_at: string | null;
}

export interface Attachment {
  id: string;
  volume_id: string;
  /** The server's id; null where a volume is reserved for none. */
  instance: string | null;
  /** `reserved`, `attaching`, `attached` and others (cinder/objects/fields.py, VolumeAttachStatus). */
  status: string;
}

/** What Nova has recorded of a volume in a server. */
export interface ServerVolume {
  volumeId: string;
  attachment_id: string | null;
}

export interface ServerWithVolumes extends Server {
  'OS-EXT-SRV-ATTR:host': string | null;
  'os-extended-volumes:volumes_attached': readonly { id: string }[];
}

/** Something that was asked of a server; `message` is `Error` where it failed. */
export interface ServerAction {
  action: string;
  message: string | null;
  start_time: string;
  request_id: string;
}

const ofAll = { all_tenants: 'true' };

export async function listVolumes(admin: Session): Promise<AttachableVolume[]> {
  return listCinder(admin, '/volumes/detail', 'volumes');
}

export async function listAttachments(admin: Session): Promise<Attachment[]> {
  return listCinder(admin, '/attachments', 'attachments');
}

async function listCinder<T>(admin: Session, path: string, many: string): Promise<T[]> {
  return listAll(admin, { service: 'block-storage', path, many }, { query: ofAll, microversion });
}

export async function listServersWithVolumes(admin: Session): Promise<ServerWithVolumes[]> {
  return (await servers.list(admin, ofAll)) as ServerWithVolumes[];
}

export async function listServerVolumes(admin: Session, server: string): Promise<ServerVolume[]> {
  const { body } = await admin.request<{ volumeAttachments: ServerVolume[] }>(
    'compute',
    'GET',
    `/servers/${server}/os-volume_attachments`,
    { microversion: novaMicroversion },
  );
  return body.volumeAttachments;
}

/** What was asked of a server, the latest first. */
export async function listServerActions(admin: Session, server: string): Promise<ServerAction[]> {
  const { body } = await admin.request<{ instanceActions: ServerAction[] }>(
    'compute',
    'GET',
    `/servers/${server}/os-instance-actions`,
    { microversion: novaMicroversion },
  );
  return body.instanceActions;
}

export async function removeAttachment(admin: Session, id: string): Promise<void> {
  await removeAt(admin, 'block-storage', `/attachments/${id}`, { microversion });
}

/** Says that the server has the volume now: it is `in-use` from then on. */
export async function completeAttachment(admin: Session, id: string): Promise<void> {
  await admin.request('block-storage', 'POST', `/attachments/${id}/action`, {
    json: { 'os-complete': {} },
    microversion,
  });
}

/** Has Cinder's record say so, and does nothing to the volume. */
export async function resetVolume(
  admin: Session,
  id: string,
  status: 'available' | 'in-use' | 'error',
): Promise<void> {
  const attached: Partial<Record<typeof status, string>> = { available: 'detached', 'in-use': 'attached' };
  const attach_status = attached[status];
  await admin.request('block-storage', 'POST', `/volumes/${id}/action`, {
    json: { 'os-reset_status': { status, ...(attach_status ? { attach_status } : {}) } },
  });
}
