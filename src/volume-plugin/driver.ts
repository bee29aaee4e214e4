import { basename, dirname, join } from 'node:path';
import { GantryError, messageOf } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import { ApiError, isPassing } from '../openstack/errors.ts';
import { waitFor } from '../openstack/wait.ts';
import { timeLimit } from '../time-limit.ts';
import { attach, checkUsable, detach, isAttachedTo } from './attachment.ts';
import { type Cloud, type CloudVolume, idsOf } from './cloud.ts';
import type { ListContainers } from './containers.ts';
import type { Disk } from './devices.ts';
import type { FormatMarks } from './format-marks.ts';
import type { Host } from './host.ts';
import type { KnownVolumes } from './known.ts';
import { makeVolume, removeVolume, waitUntilMade } from './making.ts';
import { holdersOf, type MountEntry, usersOf } from './mounts.ts';
import {
  checkName,
  HOLDER_KEY,
  isForDocker,
  optionsIn,
  parseOptions,
  type VolumeOptions,
} from './options.ts';
import { failure, inOneLine, refusal } from './problem.ts';
import type { ShownVolume, VolumeDriver } from './protocol.ts';
import { shown, statusOf } from './shown.ts';
import type { Turns } from './turns.ts';

export interface DriverParts {
  cloud: Cloud;
  host: Host;
  containers: ListContainers;
  known: KnownVolumes;
  turns: Turns;
  marks: FormatMarks;
  clock: Clock;
  /** Nova's id of this server. */
  server: string;
  preempt: boolean;
  defaults: VolumeOptions;
  /** Ids of volumes that are mounted as the plugin starts. */
  mountedBefore: readonly string[];
  /** Absolute; what the plugin keeps, and where volumes are mounted. */
  directory: string;
  log(text: string): void;
}

const GIB = 2 ** 30;
const POLL_MS = 500;
const DEVICE_LIMIT_MS = 60_000;
/** How long Cinder may keep silent before a volume that is known is answered from what is known. */
const SILENCE_MS = 10_000;
/** How long an unknown name is asked for, where Cinder does not answer. */
const HOLD_MS = 60_000;
const HOLDER_LIMIT_MS = 10_000;
/** A container that was given a volume may take so long to start, on a machine at many times its load. */
const GRACE_MS = 180_000;
const DEFAULT_ROOT = { uid: 0, gid: 0, mode: 0o755 };
/** What containers are given: the file system's own root may hold `lost+found`. */
const DATA = 'data';
const MAX_METADATA = 255;

/** Docker's volumes, kept in Cinder and attached by Nova. */
export class CinderDriver implements VolumeDriver {
  /** Who asked for a mount and has not ended it, by the volume's id. A hint: the kernel says who has it. */
  readonly #askers = new Map<string, Set<string>>();
  /** When a volume was last asked for, by its id. */
  readonly #asked = new Map<string, number>();
  /** Ids of those that were mounted before the start: who asked for them is not known. */
  readonly #earlier: Set<string>;
  readonly #started: number;

  constructor(private readonly parts: DriverParts) {
    this.#started = parts.clock.now();
    this.#earlier = new Set(parts.mountedBefore);
  }

  async create(name: string, given: Record<string, string> | null, signal: AbortSignal): Promise<void> {
    checkName(name);
    const asked = parseOptions(given);
    const options = { ...this.parts.defaults, ...asked };
    await this.parts.turns.take(name, async () => {
      const existing = await this.#find(name, signal);
      const id = existing?.id ?? (await makeVolume(this.parts.cloud, name, options, signal));
      const isOwn = existing === undefined;
      const { created_at: createdAt } = await waitUntilMade(this.parts, { name, id, isOwn }, signal);
      await this.parts.known.set(name, { id, createdAt });
    });
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const { cloud, clock, known, turns } = this.parts;
    await turns.take(name, async () => {
      const volume = await this.#find(name, signal);
      if (volume) await removeVolume({ cloud, clock }, volume, signal);
      await known.forget(name);
    });
  }

  async mount(name: string, id: string, signal: AbortSignal): Promise<string> {
    return this.parts.turns.take(name, async () => {
      const volume = await this.#require(name, signal);
      this.#asked.set(volume.id, this.parts.clock.now());
      const directory = this.#directoryOf(volume.id);
      if (!(await this.#mountAt(directory))) await this.#bring(volume, directory, signal);
      await this.parts.host.provide(join(directory, DATA), {
        ...DEFAULT_ROOT,
        ...optionsIn(volume.metadata),
      });
      this.#askersOf(volume.id).add(id);
      this.#asked.set(volume.id, this.parts.clock.now());
      await this.#tellHolder(volume);
      return join(directory, DATA);
    });
  }

  async #require(name: string, signal: AbortSignal): Promise<CloudVolume> {
    const volume = await this.#find(name, signal);
    if (volume) {
      checkUsable(volume);
      return volume;
    }
    throw refusal(
      'unknown',
      `Cinder has no volume ${name} of Docker's`,
      `docker volume create -d cinder ${name}`,
    );
  }

  /** Attached, proven and mounted; where that comes to nothing, it leaves this server as it was. */
  async #bring(volume: CloudVolume, directory: string, signal: AbortSignal): Promise<void> {
    await this.parts.host.claim(directory);
    try {
      const attached = await attach(this.parts, volume, signal);
      const disk = await this.#waitForDisk(attached, signal);
      const { filesystem } = await this.#prepare(attached, disk, signal);
      const { mountOptions } = optionsIn(attached.metadata);
      await this.parts.host.mount(disk, filesystem, mountOptions, directory);
    } catch (thrown) {
      await this.#letGo(volume).catch((problem) => this.parts.log(`${volume.name}: ${inOneLine(problem)}`));
      throw thrown;
    }
  }

  /** Not by the signal of the call, which may be what ended it. */
  async #letGo(volume: CloudVolume): Promise<void> {
    await detach(this.parts, volume.id, timeLimit(DEVICE_LIMIT_MS));
    await this.parts.host.release(this.#directoryOf(volume.id));
  }

  async #waitForDisk(volume: CloudVolume, signal: AbortSignal): Promise<Disk> {
    return waitFor<Disk>({
      failure: `the disk of the volume ${volume.name} (${volume.id}) did not appear in this server`,
      limitMs: DEVICE_LIMIT_MS,
      everyMs: POLL_MS / 2,
      look: async () => {
        const disk = await this.parts.host.disk(volume.id);
        if (!disk) return { waiting: 'no disk has its serial' };
        if (disk.size === volume.size * GIB) return { done: disk };
        return { waiting: `${disk.name} has ${disk.size} bytes, not ${volume.size} GiB` };
      },
      signal,
      clock: this.parts.clock,
    });
  }

  /** Makes a file system where there is provably nothing; what is there otherwise is mounted or refused. */
  async #prepare(volume: CloudVolume, disk: Disk, signal: AbortSignal) {
    const { host, defaults } = this.parts;
    const content = await host.content(disk);
    const attachment = this.#attachmentOf(volume);
    if (content.kind === 'filesystem') {
      await this.parts.marks.remove(volume.id);
      return { filesystem: content.type };
    }
    if (content.kind === 'other' && !(await this.parts.marks.has(volume.id, attachment))) {
      throw refusal(
        'not-empty',
        `the volume ${volume.name} has no file system, and is not empty: it holds ${content.found}`,
        'Nothing was changed.',
      );
    }
    const filesystem = optionsIn(volume.metadata).filesystem ?? defaults.filesystem ?? 'ext4';
    await host.checkTools(filesystem);
    await this.parts.marks.set(volume.id, attachment);
    await host.format(disk, filesystem, volume.id, signal);
    await this.parts.marks.remove(volume.id);
    return { filesystem };
  }

  #attachmentOf({ attachments }: CloudVolume): string {
    return attachments.find(({ server_id }) => server_id === this.parts.server)?.attachment_id ?? '';
  }

  /** Says with the volume who has it, for others who want it. Without that it is mounted all the same. */
  async #tellHolder({ id, name, metadata }: CloudVolume): Promise<void> {
    const { cloud, containers, log } = this.parts;
    try {
      const found = await containers(name);
      const users = found
        .filter(({ state }) => state !== 'exited' && state !== 'dead')
        .map((one) => one.name);
      const text = `${users.length === 1 ? 'container' : 'containers'} ${users.sort().join(', ')}`.slice(
        0,
        MAX_METADATA,
      );
      if (users.length === 0 || metadata[HOLDER_KEY] === text) return;
      await cloud.setMetadata(id, { [HOLDER_KEY]: text }, timeLimit(HOLDER_LIMIT_MS));
    } catch (thrown) {
      log(`${name}: ${inOneLine(thrown)}`);
    }
  }

  async unmount(name: string, id: string, signal: AbortSignal): Promise<void> {
    await this.parts.turns.take(name, async () => {
      const volumeId = await this.#idOf(name, signal);
      if (volumeId === undefined) return;
      const askers = this.#askersOf(volumeId);
      askers.delete(id);
      if (askers.size > 0) return;
      // Others may have asked before the start, and one of them may be about to start: `tidy` looks again.
      const isRecent = this.parts.clock.now() - this.#started < GRACE_MS;
      if (isRecent && this.#earlier.has(volumeId)) return;
      await this.#leave(volumeId, signal);
    });
  }

  /** Unmounts and detaches, where nobody has it. */
  async #leave(volumeId: string, signal: AbortSignal): Promise<void> {
    const { host } = this.parts;
    const directory = this.#directoryOf(volumeId);
    const mount = await this.#mountAt(directory);
    if (mount) {
      if (usersOf(mount.device, directory, await host.namespaces()).length > 0) return;
      await host.unmount(directory);
      const [left] = holdersOf(mount.device, await host.namespaces());
      if (left)
        throw failure('still-mounted', `process ${left.pid} (${left.program}) still has the volume mounted`);
    }
    await detach(this.parts, volumeId, signal);
    await host.release(directory);
    this.#askers.delete(volumeId);
    this.#asked.delete(volumeId);
    this.#earlier.delete(volumeId);
  }

  async path(name: string): Promise<string> {
    const known = this.parts.known.get(name);
    return known ? this.#mountPoint(known.id) : '';
  }

  async get(name: string, signal: AbortSignal): Promise<ShownVolume> {
    const { known, clock } = this.parts;
    const kept = known.get(name);
    if (kept) {
      const mountPoint = await this.#mountPoint(kept.id);
      if (mountPoint !== '') return shown(name, mountPoint, kept.createdAt, { id: kept.id });
    }
    const deadline = clock.now() + (kept ? SILENCE_MS : HOLD_MS);
    for (;;) {
      try {
        const limited = AbortSignal.any([signal, timeLimit(Math.max(deadline - clock.now(), 1))]);
        const volume = await this.#find(name, limited);
        if (!volume) {
          await known.forget(name);
          throw refusal('unknown', `Cinder has no volume ${name} of Docker's`);
        }
        await known.set(name, { id: volume.id, createdAt: volume.created_at });
        return shown(name, await this.#mountPoint(volume.id), volume.created_at, statusOf(volume));
      } catch (thrown) {
        if (thrown instanceof GantryError && thrown.code === 'volume.unknown') throw thrown;
        // Whatever is in the way, "no such volume" would have Docker go on with an empty one of its own.
        if (clock.now() >= deadline || !mayPass(thrown)) {
          return shown(name, '', kept?.createdAt, { problem: inOneLine(thrown) });
        }
      }
      await clock.sleep(POLL_MS, signal);
    }
  }

  async list(signal: AbortSignal): Promise<ShownVolume[]> {
    const { cloud, known } = this.parts;
    try {
      const limited = AbortSignal.any([signal, timeLimit(SILENCE_MS)]);
      const volumes = (await cloud.volumes(limited)).filter(
        ({ name, metadata }) => name !== '' && isForDocker(metadata),
      );
      await known.replace(volumes.map((one) => [one.name, { id: one.id, createdAt: one.created_at }]));
    } catch (thrown) {
      this.parts.log(`volumes are listed as they were last seen: ${inOneLine(thrown)}`);
    }
    return Promise.all(
      known
        .entries()
        .map(async ([name, { id, createdAt }]) => shown(name, await this.#mountPoint(id), createdAt, { id })),
    );
  }

  /**
   * Lets go of what nobody has any more and Docker did not say so: it repeats no Unmount that failed, and sends none for
   * what it killed. Takes turns with calls, and leaves alone what was asked for a short time ago.
   */
  async tidy(): Promise<void> {
    const { cloud, host, known, server, turns, log } = this.parts;
    const signal = timeLimit(GRACE_MS);
    const attached = (await cloud.volumes(signal)).filter(
      (one) => isForDocker(one.metadata) && isAttachedTo(one, server) && one.status === 'in-use',
    );
    for (const { id, name, created_at } of attached) {
      await known.set(name, { id, createdAt: created_at });
      await turns.take(name, async () => {
        // What somebody else attached to this server is theirs.
        if (!(await host.isClaimed(this.#directoryOf(id))) || (await this.#isWanted(id, name))) return;
        log(`${name}: nobody has it any more`);
        await this.#leave(id, signal).catch((thrown) => log(`${name}: ${messageOf(thrown)}`));
      });
    }
  }

  async #isWanted(id: string, name: string): Promise<boolean> {
    const { clock, containers } = this.parts;
    if (clock.now() - (this.#asked.get(id) ?? this.#started) < GRACE_MS) return true;
    const isAsked = this.#askersOf(id).size > 0;
    const using = ['running', 'paused', 'restarting', ...(isAsked ? ['created'] : [])];
    return (await containers(name)).some(({ state }) => using.includes(state));
  }

  /** The one of Docker's with this name. Throws `volume.ambiguous` where there are several. */
  async #find(name: string, signal: AbortSignal): Promise<CloudVolume | undefined> {
    const found = (await this.parts.cloud.volumes(signal, name)).filter(({ metadata }) =>
      isForDocker(metadata),
    );
    if (found.length <= 1) return found[0];
    throw refusal(
      'ambiguous',
      `Cinder has ${found.length} volumes ${name} of Docker's: ${idsOf(found)}`,
      'Rename one.',
    );
  }

  /** What is mounted here needs no answer of Cinder. */
  async #idOf(name: string, signal: AbortSignal): Promise<string | undefined> {
    return this.parts.known.get(name)?.id ?? (await this.#find(name, signal))?.id;
  }

  #askersOf(id: string): Set<string> {
    const askers = this.#askers.get(id) ?? new Set();
    this.#askers.set(id, askers);
    return askers;
  }

  #directoryOf(id: string): string {
    return join(this.parts.directory, 'mounts', id);
  }

  async #mountAt(directory: string): Promise<MountEntry | undefined> {
    return (await this.parts.host.mounts()).findLast(({ mountPoint }) => mountPoint === directory);
  }

  async #mountPoint(id: string): Promise<string> {
    const directory = this.#directoryOf(id);
    return (await this.#mountAt(directory)) ? join(directory, DATA) : '';
  }
}

/** Ids of the volumes that are mounted below the plugin's directory. */
export function mountedBelow(directory: string, mounts: readonly MountEntry[]): string[] {
  const parent = join(directory, 'mounts');
  return mounts
    .filter(({ mountPoint }) => dirname(mountPoint) === parent)
    .map(({ mountPoint }) => basename(mountPoint));
}

/** True where it is worth asking again: an API that is away, and a call that took too long. */
function mayPass(thrown: unknown): boolean {
  if (thrown instanceof ApiError) return isPassing(thrown);
  return isPassing(thrown) || (thrown as Error).name === 'TimeoutError';
}
