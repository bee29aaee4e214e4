import type { Clock } from '../model/clock.ts';
import { waitFor } from '../openstack/wait.ts';
import { type Cloud, type CloudVolume, idsOf, type NewVolume } from './cloud.ts';
import { giveToDocker, isForDocker, metadataOf, type VolumeOptions } from './options.ts';
import { failure, refusal } from './problem.ts';

interface Asking {
  cloud: Cloud;
  clock: Clock;
}

const DEFAULT_SIZE_GIB = 1;
const POLL_MS = 500;
/** Within the time that Docker waits for an answer. */
const LIMIT_MS = 100_000;

/** Has Cinder make a volume of Docker's that is not there; resolves to its id. Throws `volume.taken` where others have the name. */
export async function makeVolume(
  cloud: Cloud,
  name: string,
  options: VolumeOptions,
  signal: AbortSignal,
): Promise<string> {
  const others = (await cloud.volumes(signal, name)).filter(({ metadata }) => !isForDocker(metadata));
  if (others.length > 0) {
    throw refusal(
      'taken',
      `Cinder has a volume ${name} that is not Docker's: ${idsOf(others)}`,
      `"${giveToDocker} ID" gives one to Docker.`,
    );
  }
  const { id } = await cloud.create(await valuesOf(cloud, name, options, signal), signal);
  // Another server may have made one meanwhile: the first stays.
  const all = (await cloud.volumes(signal, name)).filter(({ metadata }) => isForDocker(metadata));
  const first = all.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))[0];
  if (!first || first.id === id) return id;
  await cloud.remove(id, signal);
  return first.id;
}

async function valuesOf(
  cloud: Cloud,
  name: string,
  options: VolumeOptions,
  signal: AbortSignal,
): Promise<NewVolume> {
  const { snapshot, volume, image, type, availabilityZone } = options;
  const isCopy = snapshot !== undefined || volume !== undefined;
  const size = options.size ?? (isCopy ? undefined : DEFAULT_SIZE_GIB);
  return {
    name,
    metadata: metadataOf(options),
    ...(size === undefined ? {} : { size }),
    ...(type === undefined ? {} : { volume_type: type }),
    ...(availabilityZone === undefined ? {} : { availability_zone: availabilityZone }),
    ...(snapshot === undefined ? {} : { snapshot_id: await cloud.sourceId('snapshot', snapshot, signal) }),
    ...(volume === undefined ? {} : { source_volid: await cloud.sourceId('volume', volume, signal) }),
    ...(image === undefined ? {} : { imageRef: await cloud.sourceId('image', image, signal) }),
  };
}

/** Cinder's own time of its making, and its id where two are of the same moment. */
function orderOf({ created_at, id }: CloudVolume): string {
  return `${created_at} ${id}`;
}

/**
 * Waits for a volume that is being made. One that comes to nothing is removed again where it is the call's own. Throws
 * `volume.not-made` with Cinder's reason.
 */
export async function waitUntilMade(
  { cloud, clock }: Asking,
  { name, id, isOwn }: { name: string; id: string; isOwn: boolean },
  signal: AbortSignal,
): Promise<CloudVolume> {
  return waitFor<CloudVolume>({
    failure: `the volume ${name} (${id}) was not made`,
    limitMs: LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      const now = await cloud.volume(id, signal);
      if (!now) throw failure('not-made', `Cinder made no volume ${name}`);
      if (now.status === 'creating' || now.status === 'downloading')
        return { waiting: `it is ${now.status}` };
      if (!now.status.startsWith('error')) return { done: now };
      const reason = await cloud.reason(id, signal).catch(() => undefined);
      if (isOwn) await cloud.remove(id, signal);
      throw failure('not-made', `Cinder could not make the volume ${name}`, reason);
    },
    signal,
    clock,
  });
}

/** Removes a volume and waits until it is gone. Throws `volume.in-use` where a server has it. */
export async function removeVolume(
  { cloud, clock }: Asking,
  { id, name, attachments }: CloudVolume,
  signal: AbortSignal,
): Promise<void> {
  const [holder] = attachments;
  if (holder) {
    const server = await cloud.server(holder.server_id, signal);
    throw refusal(
      'in-use',
      `the volume ${name} is attached to the server ${server?.name ?? holder.server_id}`,
    );
  }
  await cloud.remove(id, signal);
  await waitFor<true>({
    failure: `the volume ${name} did not go`,
    limitMs: LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      const now = await cloud.volume(id, signal);
      if (!now) return { done: true };
      if (now.status.startsWith('error')) {
        throw failure('not-removed', `the volume ${name} is in state ${now.status}`);
      }
      return { waiting: `it is ${now.status}` };
    },
    signal,
    clock,
  });
}
