import type Docker from 'dockerode';
import { isMissing } from './engine-stream.ts';
import { type Image, type ImageGraph, imageLabels, repositoryOf } from './image.ts';

/** An image of the catalogue and what the engine has of it. */
export interface ListedImage {
  name: string;
  service: string;
  summary: string;
  reference: string;
  base: string | undefined;
  built: BuiltImage | undefined;
}

export interface BuiltImage {
  id: string;
  /** ISO 8601. */
  created: string;
  /** Bytes unpacked, with the layers of its parents. */
  size: number;
  /** Bytes of the layers that its base does not have. */
  ownSize: number;
  /** Tags other than the hash. */
  versions: string[];
  /** `name=version` of the packages that its Dockerfiles ask for. */
  packages: string[];
}

export interface ImageList {
  images: ListedImage[];
  /** Bytes unpacked of all built images, layers that they share counted once. */
  totalSize: number;
}

/** The images of the catalogue with the state that the engine has them in. */
export async function listImages(docker: Docker, graph: ImageGraph): Promise<ImageList> {
  const images: ListedImage[] = [];
  const sizes = new Map<string, number>();
  for (const image of graph.images) {
    const baseSize = image.base === undefined ? 0 : (sizes.get(image.base) ?? 0);
    const built = await inspectBuilt(docker, image, baseSize);
    if (built) sizes.set(image.name, built.size);
    const { name, service, summary, reference, base } = image;
    images.push({ name, service, summary, reference, base, built });
  }
  const totalSize = images.reduce((total, image) => total + (image.built?.ownSize ?? 0), 0);
  return { images, totalSize };
}

async function inspectBuilt(docker: Docker, image: Image, baseSize: number): Promise<BuiltImage | undefined> {
  try {
    const found = await docker.getImage(image.reference).inspect();
    const tags = (found.RepoTags ?? []).filter((tag) => tag.startsWith(`${repositoryOf(image.name)}:`));
    const packages = found.Config.Labels?.[imageLabels.packages] ?? '';
    return {
      id: found.Id,
      created: found.Created,
      size: found.Size,
      ownSize: found.Size - baseSize,
      versions: tags.filter((tag) => tag !== image.reference).map((tag) => tag.split(':')[1] ?? ''),
      packages: packages.split(',').filter((entry) => entry !== ''),
    };
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}
