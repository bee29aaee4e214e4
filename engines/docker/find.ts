import type Docker from 'dockerode';
import { closest, distance } from 'fastest-levenshtein';
import { GantryError } from '../../src/errors.ts';
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
 * The running instance to talk to of `nova-api`, or of `nova-api.1` where one is meant; a healthy one before
 * others, the lowest number first. Throws where there is none. With `newest` the one made last comes before all
 * others: for who knows it to be ready, and that those before it are on their way out.
 */
export async function findRunning(
  docker: Docker,
  cloud: string,
  target: string,
  { newest = false } = {},
): Promise<FoundInstance> {
  const [, process = target, ordinal] = /^(.+?)(?:\.(\d+))?$/.exec(target) ?? [];
  const all = (await listContainers(docker, cloud)).map((info) => ({
    container: docker.getContainer(info.Id),
    info,
    process: info.Labels[Label.process] ?? '',
    ordinal: Number(info.Labels[Label.ordinal] ?? 0),
  }));
  const ofProcess = all.filter(
    (one) => one.process === process && (ordinal === undefined || one.ordinal === Number(ordinal)),
  );
  const running = ofProcess.filter(({ info }) => info.State === 'running');
  const rank = ({ info }: FoundInstance) => (/\(healthy\)/.test(info.Status) ? 0 : 1);
  const age = ({ info }: FoundInstance) => (newest ? -info.Created : 0);
  const best = running.sort((a, b) => age(a) - age(b) || rank(a) - rank(b) || a.ordinal - b.ordinal)[0];
  if (best) return best;
  if (ofProcess[0]) {
    throw new GantryError({
      code: 'process.not-running',
      whose: 'environment',
      message: `${target} is not running`,
      why: `Its container: ${ofProcess[0].info.Status}`,
      next: `\`gantry logs ${process}\` shows why; \`gantry up\` starts it.`,
    });
  }
  throw unknownProcess(
    cloud,
    target,
    all.map((one) => one.process),
  );
}

/** The error for a process that the cloud has no container of, with the nearest name that it has. */
export function unknownProcess(cloud: string, target: string, known: string[]): GantryError {
  const names = [...new Set(known)].sort();
  const near = names.length > 0 ? closest(target, names) : undefined;
  const likely = near && distance(near, target) <= Math.max(2, target.length / 3) ? near : undefined;
  return new GantryError({
    code: 'process.unknown',
    whose: 'user',
    message: `The cloud ${cloud} has no container of ${target}`,
    why: names.length > 0 ? `It has: ${names.join(', ')}` : 'It has no containers.',
    next: likely
      ? `Did you mean ${likely}?`
      : '`gantry status` lists the processes; `gantry up` starts them.',
  });
}
