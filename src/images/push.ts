import type Docker from 'dockerode';
import { GantryError, messageOf } from '../errors.ts';
import type { Account } from './account.ts';
import { readMessages } from './engine-stream.ts';
import { type Image, repositoryOf } from './image.ts';
import { TransferredBytes } from './transferred.ts';

export interface PushOptions {
  /** Registry and optional path, such as registry.example:5000/cloud. */
  registry: string;
  version: string;
  /** Account of the registry, where it asks for one. */
  account?: Account | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes sent of those that the registry lacks. */
  onProgress?(image: Image, done: number, total: number): void;
}

/**
 * Pushes images under their hash and their version. Layers that the registry has are not sent again, so a push
 * that was interrupted goes on where it stopped. Throws `image.push-failed`.
 */
export async function pushImages(docker: Docker, images: Image[], options: PushOptions): Promise<string[]> {
  const pushed: string[] = [];
  for (const image of images) {
    const repo = `${options.registry.replace(/\/+$/, '')}/${repositoryOf(image.name)}`;
    for (const tag of [image.hash, options.version]) {
      options.signal?.throwIfAborted();
      await pushTag(docker, image, { repo, tag }, options);
      pushed.push(`${repo}:${tag}`);
    }
  }
  return pushed;
}

async function pushTag(
  docker: Docker,
  image: Image,
  target: { repo: string; tag: string },
  options: PushOptions,
): Promise<void> {
  const reference = `${target.repo}:${target.tag}`;
  try {
    await docker.getImage(image.reference).tag(target);
    await sendTag(docker, image, reference, options);
  } catch (thrown) {
    options.signal?.throwIfAborted();
    throw new GantryError({
      code: 'image.push-failed',
      whose: 'environment',
      message: `${reference} could not be pushed`,
      why: messageOf(thrown),
      next: 'Check that the registry can be reached and takes this account, then push again: what is there is not sent twice.',
      cause: thrown,
    });
  } finally {
    // The name was only for the push: the engine's list of images stays as it was.
    await docker
      .getImage(reference)
      .remove({ noprune: true })
      .catch(() => undefined);
  }
}

async function sendTag(docker: Docker, image: Image, reference: string, options: PushOptions): Promise<void> {
  const body = await docker.getImage(reference).push({
    // The engine refuses a push without credentials, even empty ones.
    authconfig: options.account ?? { username: '', password: '' },
    ...(options.signal && { abortSignal: options.signal }),
  });
  const bytes = new TransferredBytes((done, total) => options.onProgress?.(image, done, total));
  for await (const message of readMessages(body)) {
    if (message.error) throw new Error(message.error);
    bytes.add(message);
  }
}

/** Whether a word names a registry rather than an image, by the rule that the engine tells hosts by. */
export function isRegistry(word: string): boolean {
  const host = word.split('/')[0] ?? '';
  return host === 'localhost' || /[.:]/.test(host);
}
