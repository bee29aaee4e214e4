import { readdir, stat } from 'node:fs/promises';
import type Docker from 'dockerode';
import { GantryError } from '../../src/errors.ts';
import type { Desired, DesiredImage } from '../../src/model/desired.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Workload } from '../../src/model/workload.ts';
import { engineFailure } from './failure.ts';
import { Label, labelled } from './labels.ts';
import { placeFound } from './volume-places.ts';

/** Volumes that are directories of the machine, which are the administrator's: mount points of disks, or in them. */

type Workloads = Pick<Desired, 'processes' | 'jobs'>;

interface Place {
  volume: string;
  directory: string;
  /** Whose it is. */
  workload: string;
  uid: number;
}

function placesOf({ processes, jobs }: Workloads): Place[] {
  const all: Workload[] = [...processes, ...jobs];
  return all.flatMap(({ name, user, volumes }) =>
    volumes.flatMap(({ volume, directory }) =>
      directory === undefined ? [] : [{ volume, directory, workload: name, uid: Number(user.split(':')[0]) }],
    ),
  );
}

/** What a directory of this machine is. */
export type LookInside =
  | { is: 'absent' | 'no directory' | 'unreadable' }
  /** Device number of its file system, who owns it, and whether something is in it. */
  | { is: 'directory'; filesystem: number; uid: number; isEmpty: boolean };

/** Whether directories can be volumes: they are there, and hold nothing of anybody else. */
export async function checkDirectories(
  docker: Docker,
  desired: Workloads & Pick<Desired, 'cloud'>,
  look: (path: string) => Promise<LookInside> = lookInside,
): Promise<Finding[]> {
  const places = placesOf(desired);
  if (places.length === 0) return [];
  const { Volumes: found } = await docker.listVolumes({ filters: labelled(desired.cloud) });
  const there = new Set(found.map((volume) => volume.Labels?.[Label.volume]));
  const looked = await Promise.all(
    places.map(async (place) => ({ ...place, look: await look(place.directory) })),
  );
  return [
    ...looked.filter(({ volume }) => !there.has(volume)).map(describeLook),
    ...sharedFilesystems(looked),
  ];
}

function describeLook({ directory, volume, uid, look }: Place & { look: LookInside }): Finding {
  const finding = (level: Finding['level'], message: string, next?: string): Finding => ({
    check: `directory: ${directory}`,
    level,
    message,
    ...(next ? { next } : {}),
  });
  switch (look.is) {
    case 'absent':
      return finding(
        'error',
        `this machine does not have it, and ${volume} is to be in it`,
        'Make it, such as on a disk of its own that is mounted, or name another one in cloud.yaml.',
      );
    case 'no directory':
      return finding('error', `is no directory, and ${volume} needs one`, 'Name another one in cloud.yaml.');
    case 'unreadable':
      return finding('warning', `what is in it cannot be seen from here, and ${volume} is to be in it`);
    case 'directory':
      if (look.isEmpty) return finding('ok', `for ${volume}`);
      if (look.uid === uid)
        return finding('warning', `has what an earlier volume had, which ${volume} takes as its own`);
      return finding(
        'error',
        `${volume} is to be in it, and there are files of somebody else`,
        'Name an empty directory in cloud.yaml: of a disk, one below its mount point.',
      );
  }
}

function sharedFilesystems(looked: readonly (Place & { look: LookInside })[]): Finding[] {
  const byFilesystem = new Map<number, string[]>();
  for (const { look, directory } of looked) {
    if (look.is !== 'directory') continue;
    byFilesystem.set(look.filesystem, [...(byFilesystem.get(look.filesystem) ?? []), directory]);
  }
  return [...byFilesystem.values()]
    .filter((directories) => directories.length > 1)
    .map((directories) => ({
      check: 'directories',
      level: 'warning',
      message: `${directories.join(', ')} are on one file system: what is lost with it is lost in all of them`,
    }));
}

async function lookInside(path: string): Promise<LookInside> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return { is: 'no directory' };
    const isEmpty = (await readdir(path)).length === 0;
    return { is: 'directory', filesystem: found.dev, uid: found.uid, isEmpty };
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return { is: code === 'ENOENT' ? 'absent' : 'unreadable' };
  }
}

/** Where the container that empties a directory has it. */
const INSIDE = '/volume';

/** Removes what is in the directory that a volume is made of: the engine leaves it there when the volume goes. */
export async function emptyDirectory(
  docker: Docker,
  name: string,
  images: readonly DesiredImage[],
): Promise<void> {
  const { directory } = placeFound(await docker.getVolume(name).inspect()) ?? {};
  if (directory === undefined) return;
  const present = new Set((await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []));
  const image = images.find(({ reference }) => present.has(reference));
  if (!image) {
    throw new GantryError({
      code: 'volume.no-image',
      whose: 'environment',
      message: `what is in ${directory} could not be removed`,
      why: 'None of the images that could do it is there.',
      next: `Empty the directory, then run \`docker volume rm ${name}\`.`,
    });
  }
  try {
    const container = await docker.createContainer({
      Image: image.reference,
      Entrypoint: ['sh', '-c', `cd ${INSIDE} && rm -rf -- * .[!.]* ..?*`],
      User: '0:0',
      NetworkDisabled: true,
      // Goes with its end, whatever becomes of this program.
      HostConfig: { Binds: [`${name}:${INSIDE}`], AutoRemove: true },
    });
    const [{ StatusCode }] = await Promise.all([
      container.wait({ condition: 'removed' }) as Promise<{ StatusCode: number }>,
      container.start(),
    ]);
    if (StatusCode !== 0) throw new Error(`rm ended with ${StatusCode}`);
  } catch (thrown) {
    throw engineFailure(`What is in ${directory} could not be removed`, thrown);
  }
}
