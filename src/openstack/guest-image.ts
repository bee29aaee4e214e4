import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Dispatcher, EnvHttpProxyAgent, interceptors } from 'undici';
import type { GuestImage } from '../config/schema.ts';
import { parseSize } from '../model/settings/units.ts';
import { downloadFile } from './download.ts';
import type { Image } from './image.ts';
import { ensureImage, findImage, type ImageSource, type Progress } from './image-upload.ts';
import type { Session } from './session.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const MAX_REDIRECTIONS = 5;
const CHUNK_BYTES = MIB;

/** A file as the source of an image; `spec` as in cloud.yaml. Everyone in the cloud may use it. */
async function imageFromFile(path: string, spec: Omit<GuestImage, 'url' | 'file'>): Promise<ImageSource> {
  return {
    name: spec.name,
    format: spec.format,
    checksum: spec.checksum,
    sizeBytes: (await stat(path)).size,
    open: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }),
    minDiskGib: Math.ceil((parseSize(spec.minDisk ?? '') ?? 0) / GIB),
    minRamMib: Math.ceil((parseSize(spec.minRam ?? '') ?? 0) / MIB),
    properties: Object.fromEntries(
      Object.entries(spec.properties).map(([key, value]) => [key, String(value)]),
    ),
    visibility: 'public',
  };
}

/**
 * The image that cloud.yaml describes, downloaded into `cacheDir` where it has a `url`, and in Glance. `session` is
 * an administrator's. Throws `download.*` and `image.*`.
 */
export async function ensureGuestImage(
  session: Session,
  spec: GuestImage,
  options: { cacheDir: string; onDownload: Progress; onUpload: Progress },
): Promise<{ image: Image; change: 'created' | 'exists' }> {
  const existing = await findImage(session, spec.name, spec.checksum);
  if (existing) return { image: existing, change: 'exists' };
  const path = spec.file ?? (await downloadGuest(session, spec, options));
  return ensureImage(session, await imageFromFile(path, spec), options.onUpload);
}

async function downloadGuest(
  session: Session,
  spec: GuestImage,
  options: { cacheDir: string; onDownload: Progress },
): Promise<string> {
  const agent: Dispatcher = new EnvHttpProxyAgent();
  try {
    return await downloadFile({
      url: spec.url ?? '',
      checksum: spec.checksum,
      cacheDir: options.cacheDir,
      dispatcher: agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS })),
      onProgress: options.onDownload,
      signal: session.signal,
    });
  } finally {
    await agent.destroy();
  }
}
