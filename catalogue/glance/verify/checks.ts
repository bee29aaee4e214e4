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

/** Downloads an image and compares it with what was uploaded. */
async function compareImage(
  session: Session,
  image: Image,
  source: ImageSource,
  onProgress: Progress,
): Promise<string> {
  const [algorithm = 'sha256', expected] = source.checksum.split(':');
  const found = await digestImage(session, image.id, algorithm, (done) => onProgress(done, source.sizeBytes));
  if (found !== expected) {
    throw new GantryError({
      code: 'verify.image',
      whose: 'environment',
      message: 'the image downloaded is not the image uploaded',
      why: `expected ${algorithm}:${expected}, found ${algorithm}:${found}`,
    });
  }
  return `${(source.sizeBytes / 2 ** 20).toFixed(1)} MiB, ${algorithm} as before`;
}
