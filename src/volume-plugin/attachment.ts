import type { Clock } from '../model/clock.ts';
import { hasStatus, isPassing } from '../openstack/errors.ts';
import { waitFor } from '../openstack/wait.ts';
import type { Cloud, CloudVolume } from './cloud.ts';
import { HOLDER_KEY } from './options.ts';
import { failure, refusal } from './problem.ts';

/** How volumes come to this server and leave it. What two servers want at once, Cinder's states decide. */
export interface Attaching {
  cloud: Cloud;
  clock: Clock;
  /** Nova's id of this server. */
  server: string;
  /** Whether a volume is taken from a server that is off. */
  preempt: boolean;
}

const POLL_MS = 500;
const ATTACH_LIMIT_MS = 90_000;
const DETACH_LIMIT_MS = 60_000;

export const isAttachedTo = ({ attachments }: CloudVolume, server: string): boolean =>
  attachments.some(({ server_id }) => server_id === server);

/** Sentence about a volume that is in error: nothing that the plugin does gets it out of there. */
export function checkUsable({ name, id, status, multiattach }: CloudVolume): void {
  if (status.startsWith('error'))
    throw failure('in-error', `the volume ${name} (${id}) is in state ${status} at Cinder`);
  if (multiattach) {
    throw refusal(
      'multi-attach',
      `the volume ${name} is of a type for several servers at once (multiattach), which no file system here bears`,
    );
  }
}

/**
 * Has this server hold the volume, as Cinder says it, and resolves to how it is then. Goes on where another call was cut
 * off. Throws `volume.held` where another server has it, and undisturbed keeps it.
 */
export async function attach(of: Attaching, volume: CloudVolume, signal: AbortSignal): Promise<CloudVolume> {
  const { cloud, server } = of;
  return waitFor<CloudVolume>({
    failure: `the volume ${volume.name} did not come to this server`,
    limitMs: ATTACH_LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      const now = await cloud.volume(volume.id, signal);
      if (!now) throw refusal('unknown', `there is no volume ${volume.name} at Cinder any more`);
      checkUsable(now);
      if (now.status === 'in-use') {
        if (isAttachedTo(now, server)) return { done: now };
        await takeOver(of, now, signal);
        return { waiting: 'it leaves the server that it was at' };
      }
      if (now.status !== 'available') return { waiting: `Cinder says that it is ${now.status}` };
      try {
        await cloud.attach(server, now.id, signal);
      } catch (thrown) {
        // Another server was faster, or an earlier call of this one: the next look tells.
        if (!hasStatus(thrown, 400, 409)) throw thrown;
        const seen = await cloud.volume(volume.id, signal);
        if (seen?.status === 'available') throw thrown;
      }
      return { waiting: 'Nova attaches it' };
    },
    signal,
    clock: of.clock,
  });
}

/**
 * Asks for the end of an attachment elsewhere, where the server that has it is off by Nova's word: then it writes nothing.
 * Cinder gives the volume to nobody before it has left. Throws `volume.held` otherwise.
 */
async function takeOver(
  { cloud, preempt }: Attaching,
  volume: CloudVolume,
  signal: AbortSignal,
): Promise<void> {
  const holder = volume.attachments[0]?.server_id;
  const server = holder === undefined ? undefined : await cloud.server(holder, signal);
  const where = server
    ? `the server ${server.name} (${server.id})`
    : `a server that Nova does not show (${holder})`;
  const said = volume.metadata[HOLDER_KEY];
  const who = said === undefined ? '' : `, used by ${said}`;
  const held = `the volume ${volume.name} is attached to ${where}${who}`;
  if (!preempt) {
    throw refusal(
      'held',
      held,
      'Stop what uses it there; "preempt: true" takes volumes from servers that are off.',
    );
  }
  if (!server) throw refusal('held', held, 'An administrator must end that attachment.');
  if (server.status !== 'SHUTOFF' || server['OS-EXT-STS:task_state'] !== null) {
    throw refusal(
      'held',
      `${held}, which is ${server.status}`,
      'It is taken only from a server that is off.',
    );
  }
  await cloud.detach(server.id, volume.id, signal);
}

/** Has this server no longer hold it. Throws with what stands where Nova or Cinder do not get there in time. */
export async function detach(of: Attaching, id: string, signal: AbortSignal): Promise<void> {
  const { cloud, server } = of;
  await waitFor<true>({
    failure: `the volume ${id} did not leave this server`,
    limitMs: DETACH_LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      const now = await cloud.volume(id, signal);
      if (!now || !isAttachedTo(now, server)) return { done: true };
      if (now.status === 'in-use') {
        try {
          await cloud.detach(server, id, signal);
        } catch (thrown) {
          if (!hasStatus(thrown, 400, 409) && !isPassing(thrown)) throw thrown;
          return { waiting: thrown.why ?? thrown.message };
        }
      }
      return { waiting: `Cinder says that it is ${now.status}` };
    },
    signal,
    clock: of.clock,
  });
}
