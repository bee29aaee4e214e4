import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { readContext } from '../../src/images/context.ts';
import { parseDockerfile } from '../../src/images/dockerfile.ts';
import { loadImageGraph, resolveImages } from '../../src/images/graph.ts';
import { buildImages } from '../../src/images/queue.ts';
import { projectRoot } from '../../src/root.ts';
import type { Progress } from './progress.ts';

const name = 'cluster-node';

/** Reference of the image that nodes, control plane and registry are made from; built with its parent if missing. */
export async function provideNodeImage(docker: Docker, progress: Progress): Promise<string> {
  const root = projectRoot();
  const folder = 'test/cluster/image';
  const catalogue = await loadImageGraph(root);
  const base = catalogue.images.filter((image) => image.name === 'base');
  const [text, context] = await Promise.all([
    readFile(join(root, folder, 'Dockerfile'), 'utf8'),
    readContext(join(root, folder)),
  ]);
  const images = resolveImages(
    [
      ...base.map((image) => ({ ...image, description: image })),
      {
        name,
        service: 'cluster',
        dockerfile: parseDockerfile(join(folder, 'Dockerfile'), text),
        context,
        description: {
          summary: 'A node of a test cluster',
          user: 'root',
          programs: [['containerd', '--version']],
        },
      },
    ],
    catalogue.release,
  );
  const outcomes = await buildImages(
    docker,
    { release: catalogue.release, images },
    {
      names: [name],
      jobs: 1,
      version: 'cluster',
      mirror: progress.mirror,
      proxies: progress.proxies,
      environment: progress.environment,
      logDirectory: join(progress.logs, 'images'),
      signal: progress.signal,
      now: () => performance.now(),
      observer: {
        line: (image, line) => progress.detail(`${image.name}: ${line}`),
        finished: (image, outcome) => {
          if (outcome.status === 'built')
            progress.say(`built image ${image.name} in ${Math.round(outcome.seconds)} s`);
        },
      },
    },
  );
  for (const outcome of outcomes.values()) {
    if (outcome.status === 'failed') throw outcome.error;
  }
  progress.signal.throwIfAborted();
  return images.find((image) => image.name === name)?.reference ?? '';
}
