import { basename } from 'node:path';
import { listNames, suggest } from '../config/nearest.ts';
import { usageError } from '../errors.ts';
import type { Job, Process, RenderedFile } from '../model/workload.ts';
import { renderDesired } from '../resolve/desired.ts';
import type { Cloud } from './cloud.ts';

/** What stands in the place of everything secret. */
export const HIDDEN = '********';

/**
 * A file as a process or job would get it, rendered without any secret of the cloud. Options that cloud.yaml sets are as
 * they are there. Throws a usage error with the nearest name where there is no such workload or file.
 */
export function renderedFile(
  {
    config,
    facts,
    services,
    secrets,
    graph,
  }: Pick<Cloud, 'config' | 'facts' | 'services' | 'secrets' | 'graph'>,
  wanted: { file: string; workload: string },
): { workload: Process | Job; file: RenderedFile } {
  const { processes, jobs } = renderDesired({
    config,
    facts: { ...facts, certificate: { ...facts.certificate, chainAndKey: HIDDEN } },
    services,
    secret: () => HIDDEN,
    turn: (name) => secrets.turn(name),
    images: graph.images,
  });
  return findFile([...processes, ...jobs], wanted);
}

export function findFile(
  workloads: readonly (Process | Job)[],
  wanted: { file: string; workload: string },
): { workload: Process | Job; file: RenderedFile } {
  const workload = workloads.find(({ name }) => name === wanted.workload);
  if (!workload) {
    const valid = workloads.filter(({ files }) => files.some((file) => isCalled(file, wanted.file)));
    const names = (valid.length > 0 ? valid : workloads).map(({ name }) => name);
    throw usageError(`there is no process or job "${wanted.workload}"${suggest(wanted.workload, names)}`, {
      why: listNames(valid.length > 0 ? `Those with ${wanted.file}` : 'There are', names),
    });
  }
  const file = workload.files.find((one) => isCalled(one, wanted.file));
  if (file) return { workload, file };
  const names = workload.files.map(({ path }) => basename(path));
  throw usageError(`${workload.name} has no file "${wanted.file}"${suggest(wanted.file, names)}`, {
    why: listNames('It has', names),
  });
}

/** By its name, or its path in the container. */
function isCalled({ path }: RenderedFile, name: string): boolean {
  return path === name || basename(path) === name;
}
