import { createHash } from 'node:crypto';
import type { BodyStream } from './http.ts';
import { removeAt } from './resource.ts';
import type { Session } from './session.ts';

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
  await session.request(service, 'PUT', `/images/${id}/file`, {
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(sizeBytes) },
    stream: bytes,
    timeoutMs: TRANSFER_LIMIT_MS,
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
