import type Docker from 'dockerode';
import { isMissing } from './engine-stream.ts';
import { imageLabels } from './image.ts';

export interface CleanReport {
  /** References and ids that are gone. */
  removed: string[];
  /** References that stay, each with the names of the containers that use them. */
  kept: { reference: string; containers: string[] }[];
}

/**
 * Removes every tag of a version, the hash tags that no other version shares, and what interrupted or replaced
 * builds of it left behind. Images that containers were made from stay, unless another version has them too.
 */
export async function cleanImages(docker: Docker, version: string): Promise<CleanReport> {
  const filters = { label: [imageLabels.name] };
  const [images, containers] = await Promise.all([
    docker.listImages({ filters }),
    docker.listContainers({ all: true }),
  ]);
  const report: CleanReport = { removed: [], kept: [] };
  for (const image of images) {
    const tags = (image.RepoTags ?? []).filter((tag) => !tag.startsWith('<none>'));
    const references = referencesOf(tags, image.Labels ?? {}, version);
    const isLeftover = tags.length === 0 && image.Labels?.[imageLabels.version] === version;
    if (references.length === 0 && !isLeftover) continue;
    const isLast = references.length === tags.length;
    const users = containers.filter((container) => container.ImageID === image.Id);
    if (isLast && users.length > 0) {
      const names = users.map((container) => (container.Names[0] ?? container.Id).replace(/^\//, ''));
      report.kept.push({ reference: references[0] ?? image.Id, containers: names });
      continue;
    }
    for (const reference of isLeftover ? [image.Id] : references) {
      if (await removeImage(docker, reference)) report.removed.push(reference);
    }
  }
  return report;
}

/** The tags to remove: that of the version, and all that is left where the rest is only the image's own hash. */
function referencesOf(tags: string[], labels: Record<string, string>, version: string): string[] {
  const ofVersion = tags.filter((tag) => tag.endsWith(`:${version}`));
  const others = tags.filter((tag) => !ofVersion.includes(tag));
  const hash = labels[imageLabels.hash];
  const onlyHash = others.every((tag) => hash !== undefined && tag.endsWith(`:${hash}`));
  const belongs = ofVersion.length > 0 || labels[imageLabels.version] === version;
  return belongs && onlyHash ? tags : ofVersion;
}

/** False where it went with another image, or is a layer of one that stays. */
async function removeImage(docker: Docker, reference: string): Promise<boolean> {
  try {
    await docker.getImage(reference).remove();
    return true;
  } catch (thrown) {
    if (isMissing(thrown) || (thrown as { statusCode?: number }).statusCode === 409) return false;
    throw thrown;
  }
}
