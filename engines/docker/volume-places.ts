import type Docker from 'dockerode';
import { GantryError } from '../../src/errors.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { VolumeMount } from '../../src/model/workload.ts';
import { Label, labelled } from './labels.ts';

/** What volumes are made of whose place is not the engine's own: a directory of the machine, or an export of NFS. */
export type VolumePlace = Pick<VolumeMount, 'directory' | 'export'>;

type Workloads = Pick<Desired, 'processes' | 'jobs'>;

/** What a volume is to be made of; undefined where the engine has a place for it. */
export function placeOf({ processes, jobs }: Workloads, volume: string): VolumePlace | undefined {
  return [...processes, ...jobs]
    .flatMap(({ volumes }) => volumes)
    .find((one) => one.volume === volume && nameOf(one) !== undefined);
}

/**
 * What the engine is to be told of such a volume: options of mount(2), as its driver takes them. It finds the address of the
 * name in `addr`. Without mount.nfs nobody tries one version of NFS after another: 4.1 is the oldest that needs no
 * program beside the kernel for locks and calls back.
 */
export function mountOptions(place: VolumePlace): Record<string, string> {
  if (place.export === undefined) return { type: 'none', o: 'bind', device: place.directory ?? '' };
  const [host = '', path = ''] = place.export.split(':');
  return { type: 'nfs', o: `addr=${host},vers=4.1`, device: `:${path}` };
}

/** What a volume that is there is made of. */
export function placeFound({ Options }: { Options: Record<string, string> | null }): VolumePlace | undefined {
  const { type, o = '', device = '' } = Options ?? {};
  if (o === 'bind') return { directory: device };
  const host = /^addr=([^,]*)/.exec(o)?.[1];
  return type === 'nfs' && host !== undefined ? { export: host + device } : undefined;
}

function nameOf(place: VolumePlace | undefined): string | undefined {
  return place?.export ?? place?.directory;
}

/**
 * Throws `volume.elsewhere` where a volume that is there is in another place than it is wanted in: nobody brings its
 * content there.
 */
export async function refuseMoves(
  docker: Docker,
  desired: Workloads & Pick<Desired, 'cloud' | 'volumes'>,
): Promise<void> {
  const { Volumes: found } = await docker.listVolumes({ filters: labelled(desired.cloud) });
  for (const volume of found) {
    const name = volume.Labels?.[Label.volume] ?? '';
    const wanted = nameOf(placeOf(desired, name));
    const there = nameOf(placeFound(volume));
    if (!desired.volumes.includes(name) || there === wanted) continue;
    throw new GantryError({
      code: 'volume.elsewhere',
      whose: 'user',
      message: `the volume ${name} is in ${there ?? "Docker Engine's own directory"}, not in ${wanted ?? "Docker Engine's own"}`,
      why: 'A volume stays where it was made, and what is in it is not moved.',
      next: 'Say in cloud.yaml where it is. Where others have copies of what is in it, remove its container and the volume; `gantry up` makes it anew where it is wanted.',
    });
  }
}
