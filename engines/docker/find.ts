import type Docker from 'dockerode';
import { instancesOf, notRunning } from '../../src/engine/target.ts';
import { Label, labelled } from './labels.ts';

/** All containers of a cloud, stopped ones too. */
export function listContainers(docker: Docker, cloud: string): Promise<Docker.ContainerInfo[]> {
  return docker.listContainers({ all: true, filters: labelled(cloud) });
}

export interface FoundInstance {
  container: Docker.Container;
  info: Docker.ContainerInfo;
  process: string;
  ordinal: number;
}

/**
 * The running instance to talk to of `nova-api`, or of `nova-api-1` where one is meant; a healthy one before
 * others, the lowest number first. Throws where there is none. With `newest` the one made last comes before all
 * others: for who knows it to be ready, and that those before it are on their way out.
 */
export async function findRunning(
  docker: Docker,
  cloud: string,
  target: string,
  { newest = false } = {},
): Promise<FoundInstance> {
  const all = (await listContainers(docker, cloud)).map((info) => ({
    container: docker.getContainer(info.Id),
    info,
    process: info.Labels[Label.process] ?? '',
    ordinal: Number(info.Labels[Label.ordinal] ?? 0),
  }));
  const found = instancesOf(target, { cloud, kind: 'container', all });
  const running = found.filter(({ info }) => info.State === 'running');
  const rank = ({ info }: FoundInstance) => (/\(healthy\)/.test(info.Status) ? 0 : 1);
  const age = ({ info }: FoundInstance) => (newest ? -info.Created : 0);
  const best = running.sort((a, b) => age(a) - age(b) || rank(a) - rank(b) || a.ordinal - b.ordinal)[0];
  if (best) return best;
  throw notRunning(target, found[0].process, `Its container: ${found[0].info.Status}`);
}
