import { createHash } from 'node:crypto';
import { GantryError } from '../errors.ts';
import { timeLimit } from '../time-limit.ts';
import type { BodyStream } from './http.ts';
import {
  createImage,
  defaultStore,
  getImage,
  hideImage,
  type Image,
  importImage,
  listImages,
  removeImage,
  uploadImage,
} from './image.ts';
import type { Session } from './session.ts';

/** An image for servers, with where its bytes come from. */
export interface ImageSource {
  name: string;
  format: 'qcow2' | 'raw';
  /** `sha256:` or `sha512:` and the hexadecimal digest. */
  checksum: string;
  sizeBytes: number;
  /** The bytes from their start; called once. */
  open(): BodyStream;
  minDiskGib: number;
  minRamMib: number;
  properties: Record<string, string>;
  visibility: 'public' | 'private';
}

export type Progress = (doneBytes: number, totalBytes: number | undefined) => void;

/**
 * The store that servers and volumes are made of without their bytes, if images are raw, which Glance makes them when they
 * are imported (catalogue/glance/stores.ts).
 */
const CLONED_STORE = 'ceph';

/** Property by which an image is known again; Glance's own digest is of another kind than the one that is given. */
const CHECKSUM_PROPERTY = 'gantry_checksum';

/**
 * The image in Glance, active and with these bytes. One whose upload was interrupted is made again, an older one of
 * the same name is hidden. Throws `image.checksum` where the bytes are not what `checksum` says.
 */
export async function ensureImage(
  session: Session,
  source: ImageSource,
  onProgress: Progress,
): Promise<{ image: Image; change: 'created' | 'exists' }> {
  const known = await listKnown(session, source.name);
  const current = known.find((image) => isCurrent(image, source.checksum));
  const halfMade = known.filter((image) => image.status === 'queued' || image.status === 'saving');
  await Promise.all(halfMade.map((image) => removeImage(session, image.id)));
  if (current) return { image: current, change: 'exists' };

  const image = await makeImage(session, source, onProgress);
  const older = known.filter((other) => other.status === 'active');
  await Promise.all(older.map((other) => hideImage(session, other.id)));
  return { image, change: 'created' };
}

/** The active image of this name and checksum, where there is one. */
export async function findImage(
  session: Session,
  name: string,
  checksum: string,
): Promise<Image | undefined> {
  return (await listKnown(session, name)).find((image) => isCurrent(image, checksum));
}

/** Images of this name that were made here; others of the same name are left alone. */
async function listKnown(session: Session, name: string): Promise<Image[]> {
  const found = await listImages(session, { name, owner: session.projectId ?? '' });
  return found.filter((image) => typeof image[CHECKSUM_PROPERTY] === 'string');
}

function isCurrent(image: Image, checksum: string): boolean {
  return image.status === 'active' && image[CHECKSUM_PROPERTY] === checksum;
}

async function makeImage(session: Session, source: ImageSource, onProgress: Progress): Promise<Image> {
  const { id } = await createImage(session, {
    name: source.name,
    container_format: 'bare',
    disk_format: source.format,
    visibility: source.visibility,
    min_disk: source.minDiskGib,
    min_ram: source.minRamMib,
    ...source.properties,
    [CHECKSUM_PROPERTY]: source.checksum,
  });
  try {
    const digests = await sendBytes(session, id, source, onProgress);
    const image = await getImage(session, id);
    checkDigests(source, digests, image);
    return image;
  } catch (error) {
    // The signal may be what ended the upload; the half-made image goes all the same.
    const cleaner = session.withSignal(timeLimit(10_000));
    await removeImage(cleaner, id).catch(() => undefined);
    throw error;
  }
}

type Digests = Record<'sha256' | 'sha512', string>;

async function sendBytes(
  session: Session,
  id: string,
  source: ImageSource,
  onProgress: Progress,
): Promise<Digests> {
  const hashes = { sha256: createHash('sha256'), sha512: createHash('sha512') };
  let done = 0;
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source.open()) {
      hashes.sha256.update(chunk);
      hashes.sha512.update(chunk);
      done += chunk.length;
      onProgress(done, source.sizeBytes);
      yield chunk;
    }
  }
  const isCloned = source.format !== 'raw' && (await defaultStore(session)) === CLONED_STORE;
  const send = isCloned ? importImage : uploadImage;
  await send(session, id, measured(), source.sizeBytes);
  return { sha256: hashes.sha256.digest('hex'), sha512: hashes.sha512.digest('hex') };
}

function checkDigests(source: ImageSource, digests: Digests, image: Image): void {
  const [algorithm = '', expected] = source.checksum.split(':');
  if (digests[algorithm as keyof Digests] !== expected) {
    throw new GantryError({
      code: 'image.checksum',
      whose: 'user',
      message: `the image ${source.name} is not what its checksum says`,
      why: `expected ${source.checksum}, found ${algorithm}:${digests[algorithm as keyof Digests]}`,
    });
  }
  // Of one that Glance has made another of, only Glance knows.
  const stored =
    image.disk_format === source.format ? digests[image.os_hash_algo as keyof Digests] : undefined;
  if (image.status !== 'active' || (stored !== undefined && stored !== image.os_hash_value)) {
    throw new GantryError({
      code: 'image.upload',
      whose: 'environment',
      message: `the image ${source.name} did not arrive whole`,
      why: `Glance holds ${image.size ?? 0} of ${source.sizeBytes} bytes in state ${image.status}`,
    });
  }
}
