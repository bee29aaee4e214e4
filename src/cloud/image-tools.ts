import type Docker from 'dockerode';
import { loadImageGraph } from '../images/graph.ts';
import type { ImageGraph } from '../images/image.ts';
import { releaseNamed } from '../model/releases.ts';
import { type Configured, dockerContext } from './configured.ts';

export interface ImageTools extends Configured {
  docker: Docker;
  graph: ImageGraph;
}

/** What the image commands need: no cloud, no secrets. */
export async function openImages(configured: Configured): Promise<ImageTools> {
  const { createDockerClient } = await import('../../engines/docker/client.ts');
  const [client, graph] = await Promise.all([
    createDockerClient(process.env, dockerContext(configured.config)),
    loadImageGraph(configured.root, releaseNamed(configured.config.release)),
  ]);
  return { ...configured, docker: client.docker, graph };
}
