import { type Release, releases } from '../../model/releases.ts';
import { parseDockerfile } from '../dockerfile.ts';
import { type ImageSource, resolveImages } from '../graph.ts';
import type { ImageGraph } from '../image.ts';

/** An image of a made-up catalogue; `base` is the name of another one, or undefined for the root file system. */
export function imageSource(name: string, base?: string, overrides: Partial<ImageSource> = {}): ImageSource {
  const reference = base === undefined ? 'debian' : `gantry/${base}`;
  const path = `catalogue/${name}/images/${name}/Dockerfile`;
  return {
    name,
    service: name,
    dockerfile: parseDockerfile(path, `FROM ${reference}\nRUN install-packages ${name}\n`),
    context: [],
    description: { summary: `The image ${name}`, user: 'root', programs: [[name, '--version']] },
    ...overrides,
  };
}

export function imageGraph(...sources: ImageSource[]): ImageGraph {
  return imageGraphOf(releases[0], ...sources);
}

export function imageGraphOf(release: Release, ...sources: ImageSource[]): ImageGraph {
  return { release, images: resolveImages(sources, release) };
}
