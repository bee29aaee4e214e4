import { ApiError } from '../../openstack/errors.ts';
import type { Cloud, CloudServer, CloudVolume } from '../cloud.ts';
import type { Container } from '../containers.ts';
import type { Content } from '../content.ts';
import { CinderDriver, mountedBelow } from '../driver.ts';
import { FormatMarks } from '../format-marks.ts';
import type { Host } from '../host.ts';
import { KnownVolumes } from '../known.ts';
import type { MountEntry } from '../mounts.ts';
import type { Filesystem } from '../options.ts';
import { Turns } from '../turns.ts';

/**
 * Cinder, Nova and servers as far as the plugin sees them, and what must never be: two servers that have one volume, a file
 * system made over something. What it is asked for and does not know, it refuses.
 */
export class World {
  readonly volumes = new Map<string, CloudVolume & { content: Content; text: string }>();
  readonly servers = new Map<string, SimulatedServer>();
  #next = 0;
  now = 0;
  /** Cinder and Nova do not answer. */
  isAway = false;

  add(name: string, more: Partial<CloudVolume & { content: Content }> = {}) {
    this.#next += 1;
    const id = `${String(this.#next).padStart(8, '0')}-0b0a-4908-8706-050403020100`;
    const volume = {
      id,
      name,
      status: 'available',
      size: 1,
      created_at: new Date(this.#next * 1000).toISOString().replace('Z', ''),
      volume_type: 'ceph',
      availability_zone: 'nova',
      multiattach: false,
      metadata: {},
      attachments: [],
      content: { kind: 'empty' } as Content,
      text: '',
      ...more,
    };
    this.volumes.set(id, volume);
    return volume;
  }

  only(name: string) {
    const found = [...this.volumes.values()].filter((one) => one.name === name);
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} volumes ${name}`);
    return found[0];
  }

  server(id: string, preempt = false): SimulatedServer {
    const server = this.servers.get(id) ?? new SimulatedServer(this, id, preempt);
    this.servers.set(id, server);
    return server;
  }
}

/** Thrown by all that a plugin does once it is killed. */
export class Killed extends Error {}

export class SimulatedServer {
  status = 'ACTIVE';
  readonly mounts: (MountEntry & { volume: string })[] = [];
  /** Containers that run, by their names, with the volumes that they have. */
  readonly containers = new Map<string, { state: string; volume: string }>();
  readonly claims = new Set<string>();
  readonly logged: string[] = [];

  constructor(
    readonly world: World,
    readonly id: string,
    private readonly preempt: boolean,
  ) {}

  /**
   * A plugin that starts on this server.
   * @param lives after how many calls of what it does it is killed
   */
  async start(directory: string, lives = Number.POSITIVE_INFINITY): Promise<CinderDriver> {
    let left = lives;
    const mortal = <T extends object>(parts: T): T =>
      Object.fromEntries(
        Object.entries(parts).map(([name, call]) => [
          name,
          async (...given: unknown[]) => {
            left -= 1;
            if (left < 0) throw new Killed(name);
            try {
              return await call(...given);
            } catch (thrown) {
              if (thrown instanceof Killed) left = 0;
              throw thrown;
            }
          },
        ]),
      ) as T;
    const known = new KnownVolumes(`${directory}/known-${this.id}.json`);
    await known.load();
    return new CinderDriver({
      cloud: mortal(this.#cloud()),
      host: mortal(this.#host(directory)),
      containers: async (volume) => this.#containersOf(volume),
      known,
      turns: new Turns(),
      marks: new FormatMarks(`${directory}/${this.id}/formatting`),
      clock: {
        now: () => this.world.now,
        sleep: async (milliseconds) => {
          this.world.now += milliseconds;
        },
      },
      server: this.id,
      preempt: this.preempt,
      defaults: {},
      mountedBefore: mountedBelow(`${directory}/${this.id}`, this.mounts),
      directory: `${directory}/${this.id}`,
      log: (text) => this.logged.push(text),
    });
  }

  /** What a container of this server reads of its volume. */
  read(name: string): string {
    return this.#mounted(name).text;
  }

  write(name: string, text: string): void {
    this.#mounted(name).text = text;
  }

  /** All mounts are lost; attachments stay, as Nova has them. */
  stop(): void {
    this.status = 'SHUTOFF';
    this.mounts.splice(0);
    this.containers.clear();
  }

  has(name: string): boolean {
    const { id } = this.world.only(name);
    return this.mounts.some(({ volume }) => volume === id);
  }

  #mounted(name: string) {
    const volume = this.world.only(name);
    if (!this.has(name)) throw new Error(`${name} is not mounted on ${this.id}`);
    return volume;
  }

  #containersOf(volume: string): Container[] {
    return [...this.containers]
      .filter(([, container]) => container.volume === volume)
      .map(([name, { state }]) => ({ name, state }));
  }

  #cloud(): Cloud {
    const { world } = this;
    const refuse = (status: number, text: string) =>
      new ApiError({ service: 'simulated', request: 'a call', status, text });
    const isThere = () => {
      if (world.isAway) throw refuse(503, 'away');
    };
    const copyOf = (volume: CloudVolume) => structuredClone(volume);
    return {
      volumes: async (_, name) => {
        isThere();
        const all = [...world.volumes.values()];
        return all.filter((one) => name === undefined || one.name === name).map(copyOf);
      },
      volume: async (id) => {
        isThere();
        const found = world.volumes.get(id);
        return found && copyOf(found);
      },
      create: async ({ name, size = 1, metadata }) => {
        isThere();
        return copyOf(world.add(name, { size, metadata }));
      },
      remove: async (id) => {
        isThere();
        if ((world.volumes.get(id)?.attachments.length ?? 0) > 0) throw refuse(400, 'it is attached');
        world.volumes.delete(id);
      },
      setMetadata: async (id, metadata) => {
        isThere();
        const volume = world.volumes.get(id);
        if (volume) volume.metadata = { ...volume.metadata, ...metadata };
      },
      sourceId: async (kind, name) => {
        throw new Error(`there is no ${kind} ${name} here`);
      },
      reason: async () => 'no room',
      server: async (id): Promise<CloudServer | undefined> => {
        isThere();
        const server = world.servers.get(id);
        return server && { id, name: `name-of-${id}`, status: server.status, 'OS-EXT-STS:task_state': null };
      },
      attach: async (server, id) => {
        isThere();
        const volume = world.volumes.get(id);
        if (volume?.status !== 'available') throw refuse(400, 'it is not available');
        volume.status = 'in-use';
        volume.attachments = [{ attachment_id: `${server}-${world.now}`, server_id: server }];
      },
      detach: async (server, id) => {
        isThere();
        const volume = world.volumes.get(id);
        if (!volume?.attachments.some(({ server_id }) => server_id === server))
          throw refuse(400, 'it is not attached');
        const holder = world.servers.get(server);
        if (holder?.mounts.some((one) => one.volume === id))
          throw new Error(`${volume.name} is mounted at ${server}`);
        volume.status = 'available';
        volume.attachments = [];
      },
    };
  }

  #host(base: string): Host {
    const { world } = this;
    const numberOf = (id: string) => `254:${Number(id.slice(0, 8)) * 16}`;
    const attached = (id: string) => {
      const volume = world.volumes.get(id);
      return volume?.attachments.some(({ server_id }) => server_id === this.id) ? volume : undefined;
    };
    const volumeOf = (name: string) => {
      const volume = attached(name);
      if (!volume) throw new Error(`${name} is not attached to ${this.id}`);
      return volume;
    };
    return {
      disk: async (id) => {
        const volume = attached(id);
        return volume && { name: id, size: volume.size * 2 ** 30, number: numberOf(id) };
      },
      content: async ({ name }) => volumeOf(name).content,
      checkTools: async () => {},
      format: async ({ name }, type: Filesystem, uuid) => {
        const volume = volumeOf(name);
        // Begun and not ended, it is neither nothing nor a file system.
        volume.content = { kind: 'other', found: 'data in its first MiB' };
        if (this.cutsFormats) throw new Killed('format');
        volume.content = { kind: 'filesystem', type, uuid };
      },
      mounts: async () => this.mounts,
      namespaces: async () =>
        [...this.containers.values()]
          .filter(({ state }) => state === 'running')
          .map(({ volume }, index) => {
            const { id } = world.only(volume);
            return {
              pid: index + 100,
              program: 'app',
              mounts: [{ device: numberOf(id), mountPoint: '/data', type: 'ext4' }],
            };
          }),
      claim: async (directory) => {
        this.claims.add(directory);
      },
      isClaimed: async (directory) => this.claims.has(directory),
      release: async (directory) => {
        this.claims.delete(directory);
      },
      mount: async ({ name, number }, type, _, directory) => {
        if (!this.claims.has(directory)) throw new Error(`there is no ${directory}`);
        if (volumeOf(name).content.kind !== 'filesystem') throw new Error(`${name} has no file system`);
        const elsewhere = [...world.servers.values()].filter(({ mounts }) =>
          mounts.some((one) => one.volume === name),
        );
        if (elsewhere.length > 0) throw new Error(`${name} is mounted at ${elsewhere[0]?.id} too`);
        this.mounts.push({ device: number, mountPoint: directory, type, volume: name });
      },
      unmount: async (directory) => {
        const index = this.mounts.findIndex(({ mountPoint }) => mountPoint === directory);
        if (index < 0) throw new Error(`${base} has no mount at ${directory}`);
        this.mounts.splice(index, 1);
      },
      provide: async () => {},
    };
  }

  /** Whether a plugin is killed while it makes a file system. */
  cutsFormats = false;
}
