import { parseDockerfile } from '../dockerfile.ts';
import { type ImageSource, resolveImages } from '../graph.ts';
import type { ImageGraph } from '../image.ts';
import { releases } from '../releases.ts';

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
  return { release: releases[0], images: resolveImages(sources, releases[0]) };
}
