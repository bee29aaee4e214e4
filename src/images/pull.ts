import type Docker from 'dockerode';
import { GantryError, messageOf } from '../errors.ts';
import { type Account, readAccount } from './account.ts';
import { readMessages } from './engine-stream.ts';
import { type Image, imageLabels, repositoryOf } from './image.ts';
import { TransferredBytes } from './transferred.ts';

export interface PullOptions {
  /** Registry and optional path, such as registry.example.org:5000/cloud. */
  registry: string;
  /** Where the account of the registry is found. */
  environment: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  /** Bytes received of those that the engine lacks, as far as it knows. */
  onBytes?(done: number, total: number): void;
}

/**
 * Takes an image with exactly these inputs from a registry and gives it the name that a build would. Resolves to
 * its id, or undefined where the registry does not have it. Throws `image.pull-failed` where the registry cannot
 * be asked, and `image.wrong-content` where it has another image under that name.
 */
export async function pullImage(
  docker: Docker,
  image: Image,
  options: PullOptions,
): Promise<string | undefined> {
  const repository = `${options.registry}/${repositoryOf(image.name)}`;
  const reference = `${repository}:${image.hash}`;
  const account = await readAccount(options.environment, options.registry);
  try {
    await receive(docker, reference, account, options);
  } catch (thrown) {
    options.signal?.throwIfAborted();
    if (isAbsent(messageOf(thrown))) return undefined;
    throw pullFailed(reference, thrown);
  }
  try {
    const { Id: id, Config: config } = await docker.getImage(reference).inspect();
    if (config.Labels?.[imageLabels.hash] !== image.hash) throw wrongContent(reference);
    const [repo = '', tag = ''] = image.reference.split(':');
    await docker.getImage(reference).tag({ repo, tag });
    return id;
  } finally {
    // The name was only for the pull: the engine's list of images is as after a build.
    await docker
      .getImage(reference)
      .remove({ noprune: true })
      .catch(() => undefined);
  }
}

async function receive(
  docker: Docker,
  reference: string,
  account: Account | undefined,
  { signal, onBytes }: PullOptions,
): Promise<void> {
  const body = await docker.pull(reference, {
    ...(account && { authconfig: account }),
    ...(signal && { abortSignal: signal }),
  });
  const bytes = new TransferredBytes(onBytes);
  for await (const message of readMessages(body)) {
    if (message.error) throw new Error(message.error);
    // Unpacking is reported the same way, and would count every layer twice.
    if (message.status === 'Downloading') bytes.add(message);
  }
}

/**
 * What engines say when a registry answers that it has no such manifest or repository. One that keeps an image
 * from an account says so in other words, and is not to be taken for one that lacks it.
 */
export function isAbsent(message: string): boolean {
  return /manifest unknown|name unknown|manifest for \S+ not found|\S+: not found$/.test(message);
}

function pullFailed(reference: string, thrown: unknown): GantryError {
  return new GantryError({
    code: 'image.pull-failed',
    whose: 'environment',
    message: `${reference} could not be pulled`,
    why: messageOf(thrown),
    next: 'Check images.registry in cloud.yaml, that the registry can be reached, and the account (`docker login`). Without images.registry the images are built.',
    cause: thrown,
  });
}

function wrongContent(reference: string): GantryError {
  return new GantryError({
    code: 'image.wrong-content',
    whose: 'environment',
    message: `${reference} is not what its name says`,
    why: 'The hash in its label is another one: it was not pushed by `gantry images push`.',
    next: 'Push the images again from where they were built.',
  });
}
