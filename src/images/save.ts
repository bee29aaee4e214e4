import type { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type Docker from 'dockerode';
import { GantryError, messageOf } from '../errors.ts';
import { type Image, repositoryOf } from './image.ts';

/**
 * Writes an archive of an image, as container runtimes load it, under its hash and the name that it has in a registry;
 * in no registry, under its own. Throws `image.save-failed`.
 */
export async function saveImage(
  docker: Docker,
  image: Image,
  registry: string | undefined,
  target: Writable,
): Promise<void> {
  const repository = repositoryOf(image.name);
  const repo = registry === undefined ? repository : `${registry.replace(/\/+$/, '')}/${repository}`;
  const reference = `${repo}:${image.hash}`;
  try {
    if (registry !== undefined) await docker.getImage(image.reference).tag({ repo, tag: image.hash });
    await pipeline(await docker.getImage(reference).get(), target);
  } catch (thrown) {
    throw new GantryError({
      code: 'image.save-failed',
      whose: 'environment',
      message: `${image.name} could not be read from the Docker Engine`,
      why: messageOf(thrown),
      next: `Build it: \`gantry images build ${image.name}\`.`,
      cause: thrown,
    });
  } finally {
    if (registry !== undefined) {
      // The name was only for the archive: the engine's list of images stays as it was.
      await docker
        .getImage(reference)
        .remove({ noprune: true })
        .catch(() => undefined);
    }
  }
}

/** As saveImage, compressed and in memory. */
export async function archiveImage(docker: Docker, image: Image, registry: string): Promise<Buffer> {
  // Most of the time goes into compressing, and the first level gives most of what there is to gain.
  const gzip = createGzip({ level: 1 });
  const [content] = await Promise.all([buffer(gzip), saveImage(docker, image, registry, gzip)]);
  return content;
}
