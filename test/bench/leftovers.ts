import type Docker from 'dockerode';
import { labelled } from '../../engines/docker/labels.ts';
import { GantryError } from '../../src/errors.ts';
import { isMissing } from '../../src/images/engine-stream.ts';
import { imageLabels } from '../../src/images/image.ts';

/** Throws `bench.cloud-exists` where the engine holds anything of a cloud of that name. */
export async function checkNoCloud(docker: Docker, cloud: string): Promise<void> {
  const filters = labelled(cloud);
  const [containers, networks, { Volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  if (containers.length + networks.length + Volumes.length === 0) return;
  throw new GantryError({
    code: 'bench.cloud-exists',
    whose: 'user',
    message: `There is a cloud ${cloud} on this engine, which is not touched`,
    why: 'Its name is the one of a cloud that is measured; a run that was killed leaves it.',
    next: `If nobody needs it, remove it with \`./gantry --name ${cloud} down --volumes\`.`,
  });
}

/**
 * Remembers which images there are. What this resolves to removes those of these versions, and the versions' tags from all
 * others: images that were there before stay, and so do those that containers are made from.
 */
export async function rememberImages(
  docker: Docker,
  versions: readonly string[],
): Promise<() => Promise<void>> {
  const filters = { label: [imageLabels.name] };
  const before = new Set((await docker.listImages({ filters })).flatMap((image) => image.RepoTags ?? []));
  return async () => {
    for (const { Id, RepoTags, Labels } of await docker.listImages({ filters })) {
      const tags = (RepoTags ?? []).filter((tag) => !tag.startsWith('<none>'));
      const isOwn = versions.includes(Labels?.[imageLabels.version] ?? '');
      const ours = tags.filter(
        (tag) => versions.some((version) => tag.endsWith(`:${version}`)) || (isOwn && !before.has(tag)),
      );
      const isLeftover = isOwn && tags.length === 0;
      for (const reference of isLeftover ? [Id] : ours) await removeImage(docker, reference);
    }
  };
}

/** One that is used, or that others are built on, stays. */
async function removeImage(docker: Docker, reference: string): Promise<void> {
  try {
    await docker.getImage(reference).remove();
  } catch (thrown) {
    if (!isMissing(thrown) && (thrown as { statusCode?: number }).statusCode !== 409) throw thrown;
  }
}
