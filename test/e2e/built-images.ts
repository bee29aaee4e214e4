import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDockerClient } from '../../engines/docker/client.ts';
import { findImage, loadImageGraph } from '../../src/images/graph.ts';
import { buildImages } from '../../src/images/queue.ts';
import { releases } from '../../src/model/releases.ts';
import { projectRoot } from '../../src/root.ts';

const run = promisify(execFile);

/** References of the catalogue's images, built where they are not there; logs go to a temporary directory of `suite`. */
export async function buildForSuite<Name extends string>(
  suite: string,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const { docker } = await createDockerClient(process.env);
  const graph = await loadImageGraph(projectRoot());
  const outcomes = await buildImages(docker, graph, {
    names: [...names],
    jobs: 2,
    version: releases[0].name,
    logDirectory: join(tmpdir(), `gantry-${suite}-logs`),
    environment: process.env,
    now: () => performance.now(),
    observer: {},
  });
  for (const outcome of outcomes.values()) if (outcome.status === 'failed') throw outcome.error;
  const references = names.map((name) => [name, findImage(graph, name).reference]);
  return Object.fromEntries(references) as Record<Name, string>;
}

/** Has a registry of a cluster hold an image of the catalogue; resolves to its reference there, without the registry. */
export async function pushForSuite(suite: string, name: string, registry: string): Promise<string> {
  const { [name]: reference = '' } = await buildForSuite(suite, [name]);
  const there = `${registry}/${reference}`;
  await run('docker', ['tag', reference, there]);
  try {
    await run('docker', ['push', '-q', there]);
  } finally {
    await run('docker', ['rmi', there]);
  }
  return reference;
}
