import type { Seen, SeenAttachment, SeenRecord, SeenServer, SeenVolume } from './seen.ts';

/** One call by which something is mended; none takes a disk out of a guest. */
export type Mend =
  | { call: 'forget' | 'keep'; server: string; volume: string }
  | { call: 'remove attachment' | 'complete attachment'; attachment: string }
  | { call: 'reset'; volume: string; status: 'available' | 'in-use' | 'error' };

/** Something about a volume that is not as it should be. */
export interface Finding {
  /** Undefined where it is not about one. */
  volume: { id: string; name: string } | undefined;
  server: { id: string; name: string } | undefined;
  /** What is wrong, in words. */
  seen: string;
  /** How it is mended, in words, or what there is to do where only its owner can tell. */
  next: string;
  /** In this order; none where nothing is done about it. */
  mends: readonly Mend[];
}

/** Processes whose logs tell more: of what serves volumes, and of what runs servers. */
export interface Logs {
  volumes: readonly string[];
  servers: readonly string[];
}

/**
 * What changed more recently may be under way. Nova tries for 160 s to have a guest let go of a disk
 * (device_detach_attempts of 20 s each, nova/conf/libvirt.py).
 */
export const SETTLED_MS = 180_000;
/** How long a volume may be in the making, or be copied. */
const LONG_MS = 3_600_000;
/** For so long it is told of what came to nothing. */
const TOLD_MS = 3_600_000;

const ofAttachments = ['reserved', 'attaching', 'in-use', 'detaching'];
/** What Cinder was asked for last and has not begun, or not ended: only its owner knows what to do about the others. */
const unfinished = ['creating', 'downloading', 'deleting'];
const busy = [...unfinished, 'extending', 'uploading', 'backing-up', 'restoring-backup', 'retyping'];

/** What is wrong between those that say something of volumes, and how it is mended. Pure. */
export function compareVolumes(seen: Seen, logs: Logs): Finding[] {
  const known = new Set(seen.volumes.map(({ id }) => id));
  return [
    ...seen.volumes.flatMap((volume) => findingsOf(volume, seen, logs)),
    ...seen.servers.flatMap((server) => [...missingOf(server, known), ...failedOf(server, seen, logs)]),
  ];
}

function findingsOf(volume: SeenVolume, seen: Seen, logs: Logs): Finding[] {
  const age = seen.now - volume.changedAt;
  if (age < SETTLED_MS) return [];
  const pairs = pairsOf(volume.id, seen);
  if (pairs.some(({ server }) => server && isWorkedOn(server))) return [];
  const judged = pairs.map((pair) => judge(volume, pair));
  const found = judged.flatMap(({ finding }) => finding ?? []);
  if (found.length > 0) return withStatus(found, volume, judged.filter(({ stays }) => stays).length);
  return statusOf(volume, pairs, { age, complete: seen.complete }, logs);
}

/** What of a volume and one server belongs together. */
interface Pair {
  id: string | undefined;
  server: SeenServer | undefined;
  record: SeenRecord | undefined;
  attachments: readonly SeenAttachment[];
  /** Whether the guest has the disk; unknown where no hypervisor tells. */
  disk: 'there' | 'none' | 'unknown';
}

function pairsOf(volume: string, { attachments, servers, domains, complete }: Seen): Pair[] {
  const of = attachments.filter((one) => one.volume === volume);
  const ids = new Set([
    ...of.map(({ server }) => server),
    ...servers.filter((one) => one.volumes.some((record) => record.volume === volume)).map(({ id }) => id),
    ...domains.filter(({ volumes }) => volumes.includes(volume)).map(({ id }) => id),
  ]);
  return [...ids].map((id) => {
    const server = servers.find((one) => one.id === id);
    const domain = domains.find((one) => one.id === id);
    const isGone = domain !== undefined || (!server && complete);
    return {
      id,
      server,
      record: server?.volumes.find((one) => one.volume === volume),
      attachments: of.filter((one) => one.server === id),
      disk: domain?.volumes.includes(volume) ? 'there' : isGone ? 'none' : 'unknown',
    };
  });
}

/** Nova is at work on it, or keeps two attachments of a volume for it: then nothing of it is judged. */
function isWorkedOn({ task, status }: SeenServer): boolean {
  return (
    Boolean(task) ||
    ['BUILD', 'MIGRATING', 'REBUILD', 'RESIZE', 'REVERT_RESIZE', 'VERIFY_RESIZE'].includes(status)
  );
}

interface Judged {
  finding?: Finding;
  /** Whether the server has the volume in the end. */
  stays: boolean;
}

function judge(volume: SeenVolume, pair: Pair): Judged {
  const { id, server, record, attachments, disk } = pair;
  // Reserved by somebody for no server at all: a user's own, and right.
  if (id === undefined) return { stays: true };
  const tell = (seen: string, next: string, mends: Mend[] = []): Finding => ({
    volume: { id: volume.id, name: volume.name },
    server: { id, name: server?.name ?? id },
    seen,
    next,
    mends,
  });
  const stays = (...told: Parameters<typeof tell>): Judged => ({ stays: true, finding: tell(...told) });
  const removed = (those: readonly SeenAttachment[]): Mend[] =>
    those.map((one) => ({ call: 'remove attachment', attachment: one.id }));
  const again = `gantry openstack server reboot --hard ${id}`;
  if (!server || !record) {
    const why = server ? 'Nova has not recorded it in the server' : 'there is no such server';
    if (disk === 'there')
      return stays(
        `a guest has the disk, and ${why}`,
        `${again} starts it without the disk, if it is not to have it`,
      );
    const seen = `attached, and ${why}`;
    if (disk === 'unknown') return stays(seen, 'what its hypervisor says, once it answers');
    return { stays: false, finding: tell(seen, 'the attachment is removed', removed(attachments)) };
  }
  const forget: Mend = { call: 'forget', server: server.id, volume: volume.id };
  const leaves = (seen: string): Judged => ({
    stays: false,
    finding: tell(seen, 'Nova forgets it, and its attachment is removed', [forget, ...removed(attachments)]),
  });
  const own = attachments.find((one) => one.id === record.attachment);
  if (!own) {
    const seen = 'Nova has recorded it, and Cinder has no such attachment';
    return disk === 'none' ? leaves(seen) : stays(seen, `${again} has Nova forget it`);
  }
  if (disk === 'unknown') return { stays: true };
  const isDone = own.status === 'attached';
  const isLeaving = volume.status === 'detaching';
  if (disk === 'none') {
    if (isLeaving) return leaves('the guest has let go of the disk, and it was not finished');
    if (!isDone) return leaves(`${own.status}, and the guest never got the disk`);
    return stays('attached, and the guest has no such disk', `${again} gives it the disk`);
  }
  if (!isDone)
    return stays('the guest has the disk, and its attachment was not completed', 'it is completed', [
      { call: 'keep', server: server.id, volume: volume.id },
      { call: 'complete attachment', attachment: own.id },
    ]);
  if (isLeaving)
    return stays('it was to be taken away, and the guest still has the disk', 'it stays in the server');
  const others = attachments.filter((one) => one !== own);
  if (others.length > 0)
    return stays(
      `attached ${attachments.length} times to the same server`,
      'what Nova does not use is removed',
      removed(others),
    );
  return { stays: true };
}

/** With what their volume is to be said to be afterwards: removing the last attachment says so by itself. */
function withStatus(found: Finding[], { id, status }: SeenVolume, stay: number): Finding[] {
  const mends = found.flatMap((one) => one.mends);
  const isMended = mends.length > 0 || (status === 'detaching' && stay > 0);
  const isSaid =
    mends.some(({ call }) => call === 'complete attachment') || (stay > 0 && status === 'in-use');
  if (!isMended || isSaid) return found;
  const reset: Mend = { call: 'reset', volume: id, status: stay > 0 ? 'in-use' : 'available' };
  return found.map((one, index) =>
    index === found.length - 1 ? { ...one, mends: [...one.mends, reset] } : one,
  );
}

/** A volume whose attachments are in order, or that has none. */
function statusOf(
  { id, name, status }: SeenVolume,
  pairs: readonly Pair[],
  { age, complete }: { age: number; complete: boolean },
  logs: Logs,
): Finding[] {
  const tell = (seen: string, next: string, mends: Mend[] = []): Finding[] => [
    { volume: { id, name }, server: undefined, seen, next, mends },
  ];
  if (['available', 'reserved', 'attaching'].includes(status) && pairs.some(({ disk }) => disk === 'there'))
    return tell(`${status}, and attached to a server that has the disk`, 'it is said to be in use', [
      { call: 'reset', volume: id, status: 'in-use' },
    ]);
  if (ofAttachments.includes(status) && pairs.length === 0 && complete)
    return tell(`${status}, and attached to nothing`, 'it is said to be available', [
      { call: 'reset', volume: id, status: 'available' },
    ]);
  if (busy.includes(status) && age >= LONG_MS) {
    const seen = `${status} for ${Math.floor(age / LONG_MS)} h`;
    if (!unfinished.includes(status)) return tell(seen, `gantry logs ${logs.volumes.join(' ')}`);
    return tell(seen, 'it is said to be in error, as which it can be deleted', [
      { call: 'reset', volume: id, status: 'error' },
    ]);
  }
  if (status.startsWith('error'))
    return tell(
      status,
      `gantry logs ${logs.volumes.join(' ')} says why; then gantry openstack volume delete ${id}, or volume set --state available`,
    );
  return [];
}

/** What Nova has recorded of volumes that are not there any more. */
function missingOf(server: SeenServer, known: ReadonlySet<string>): Finding[] {
  if (isWorkedOn(server)) return [];
  return server.volumes
    .filter(({ volume }) => !known.has(volume))
    .map(({ volume }) => ({
      volume: { id: volume, name: '' },
      server: { id: server.id, name: server.name },
      seen: 'Nova has recorded it, and there is no such volume',
      next: `gantry openstack server reboot --hard ${server.id} has Nova forget it`,
      mends: [],
    }));
}

function failedOf({ id, name, failedAt }: SeenServer, { now }: Seen, logs: Logs): Finding[] {
  if (failedAt === undefined || now - failedAt > TOLD_MS) return [];
  return [
    {
      volume: undefined,
      server: { id, name },
      seen: `a volume could not be given to it, or taken away, at ${new Date(failedAt).toISOString()}`,
      next: `gantry logs ${logs.servers.join(' ')} says why, and gantry openstack server event list ${id} what was asked for`,
      mends: [],
    },
  ];
}
