import { createHash } from 'node:crypto';
import { GantryError } from '../errors.ts';
import type { BodyStream } from './http.ts';
import { removeAt } from './resource.ts';
import type { Session } from './session.ts';
import { waitFor } from './wait.ts';

const service = 'image';
/** For the bytes of an image to be sent or received. */
const TRANSFER_LIMIT_MS = 3_600_000;

export interface Image {
  id: string;
  name: string;
  status: 'queued' | 'saving' | 'active' | 'deleted' | 'killed' | 'importing' | 'uploading' | 'deactivated';
  owner: string;
  size: number | null;
  os_hash_algo: string | null;
  os_hash_value: string | null;
  disk_format: string;
  [property: string]: unknown;
}

/** All images that the query finds, page by page. */
export async function listImages(session: Session, query: Record<string, string>): Promise<Image[]> {
  const found: Image[] = [];
  for (let marker: string | undefined; ; ) {
    const { body } = await session.request<{ images: Image[]; next?: string }>(service, 'GET', '/images', {
      query: { ...query, limit: 200, marker },
    });
    found.push(...body.images);
    marker = body.images.at(-1)?.id;
    if (!body.next || !marker) return found;
  }
}

export async function getImage(session: Session, id: string): Promise<Image> {
  return (await session.request<Image>(service, 'GET', `/images/${id}`)).body;
}

export async function createImage(session: Session, values: object): Promise<Image> {
  return (await session.request<Image>(service, 'POST', '/images', { json: values })).body;
}

export async function removeImage(session: Session, id: string): Promise<boolean> {
  return removeAt(session, service, `/images/${id}`);
}

/** Keeps an image usable for servers that run from it, out of the lists that users choose from. */
export async function hideImage(session: Session, id: string): Promise<void> {
  await session.request(service, 'PATCH', `/images/${id}`, {
    headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
    json: [{ op: 'replace', path: '/os_hidden', value: true }],
  });
}

/** Sends the bytes of an image made with createImage. */
export async function uploadImage(
  session: Session,
  id: string,
  bytes: BodyStream,
  sizeBytes: number,
): Promise<void> {
  await sendTo(session, `/images/${id}/file`, bytes, sizeBytes);
}

async function sendTo(session: Session, path: string, bytes: BodyStream, sizeBytes: number): Promise<void> {
  await session.request(service, 'PUT', path, {
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(sizeBytes) },
    stream: bytes,
    timeoutMs: TRANSFER_LIMIT_MS,
  });
}

/** Name of the store where new images are kept, unless another is asked for. */
export async function defaultStore(session: Session): Promise<string | undefined> {
  const { body } = await session.request<{ stores: { id: string; default?: string }[] }>(
    service,
    'GET',
    '/info/stores',
  );
  return body.stores.find((store) => store.default === 'true')?.id;
}

/**
 * Sends the bytes of an image made with createImage, and has Glance import them, which may make them of another format.
 * Throws `image.import` with what Glance says where it does not.
 */
export async function importImage(
  session: Session,
  id: string,
  bytes: BodyStream,
  sizeBytes: number,
): Promise<void> {
  await sendTo(session, `/images/${id}/stage`, bytes, sizeBytes);
  await session.request(service, 'POST', `/images/${id}/import`, {
    json: { method: { name: 'glance-direct' } },
  });
  await waitFor<true>({
    failure: `image ${id} was not imported`,
    limitMs: TRANSFER_LIMIT_MS,
    everyMs: 500,
    look: async () => {
      const { status } = await getImage(session, id);
      if (status === 'active') return { done: true };
      const task = await importTask(session, id);
      if (task?.status === 'failure') throw importError(id, task.message);
      return { waiting: `image is ${status}` };
    },
    signal: session.signal,
    clock: session.clock,
  });
}

interface ImportTask {
  status: string;
  message: string | null;
}

async function importTask(session: Session, id: string): Promise<ImportTask | undefined> {
  const path = `/images/${id}/tasks`;
  const { body } = await session.request<{ tasks: ImportTask[] }>(service, 'GET', path);
  return body.tasks[0];
}

function importError(id: string, message: string | null): GantryError {
  return new GantryError({
    code: 'image.import',
    whose: 'environment',
    message: `image ${id} could not be imported`,
    why: message ?? 'Glance does not say why',
    next: 'Look at `gantry logs glance-api`.',
  });
}

/** Receives the bytes of an image and returns their digest in hexadecimal. */
export async function digestImage(
  session: Session,
  id: string,
  algorithm: string,
  onBytes: (done: number) => void,
): Promise<string> {
  const { body } = await session.download(service, `/images/${id}/file`, { timeoutMs: TRANSFER_LIMIT_MS });
  const hash = createHash(algorithm);
  let done = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    done += chunk.length;
    onBytes(done);
  }
  return hash.digest('hex');
}
