import { GantryError } from '../../../src/errors.ts';
import { digestImage, type Image } from '../../../src/openstack/image.ts';
import { ensureImage, type ImageSource, type Progress } from '../../../src/openstack/image-upload.ts';
import type { Session } from '../../../src/openstack/session.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    'image upload': Image;
    'image download': unknown;
  }
}

export default {
  checks: [
    defineCheck({
      name: 'image upload',
      needs: ['token'],
      run: async ({ token: user }, { image, name, progress }) =>
        (await ensureImage(user, { ...image, name, visibility: 'private' }, progress)).image,
    }),
    defineCheck({
      name: 'image download',
      needs: ['token', 'image upload'],
      run: async ({ token: user, 'image upload': uploaded }, { image, note, progress }) =>
        note(await compareImage(user, uploaded, image, progress)),
    }),
  ],
} satisfies ServiceChecks;

/** Downloads an image and compares it with what was uploaded, or with what Glance says that it made of that. */
async function compareImage(
  session: Session,
  image: Image,
  source: ImageSource,
  onProgress: Progress,
): Promise<string> {
  const isConverted = image.disk_format !== source.format;
  const [algorithm = 'sha256', expected] = isConverted
    ? [image.os_hash_algo ?? undefined, image.os_hash_value]
    : source.checksum.split(':');
  const size = isConverted ? (image.size ?? 0) : source.sizeBytes;
  const found = await digestImage(session, image.id, algorithm, (done) => onProgress(done, size));
  if (found !== expected) {
    throw new GantryError({
      code: 'verify.image',
      whose: 'environment',
      message: 'the image downloaded is not the image uploaded',
      why: `expected ${algorithm}:${expected}, found ${algorithm}:${found}`,
    });
  }
  const before = isConverted ? `as ${image.disk_format}, ` : '';
  return `${before}${(size / 2 ** 20).toFixed(1)} MiB, ${algorithm} as ${isConverted ? 'Glance says' : 'before'}`;
}
