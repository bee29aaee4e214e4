import { readdir, readFile } from 'node:fs/promises';
import type { ContainerInspectInfo } from 'dockerode';
import { createDockerClient, type DockerClient } from '../../engines/docker/client.ts';
import { Label, labelled } from '../../engines/docker/labels.ts';
import { waitUntil } from './gantry.ts';

export type Machine = Record<'containers' | 'networks' | 'volumes' | 'interfaces', string[]>;

/** What there is after that was not before. */
export function addedBetween(before: Machine, after: Machine): Machine {
  const added = (kind: keyof Machine) => after[kind].filter((one) => !before[kind].includes(one)).sort();
  return {
    containers: added('containers'),
    networks: added('networks'),
    volumes: added('volumes'),
    interfaces: added('interfaces'),
  };
}

/** One cloud seen past Gantry: from the engine and the host that it runs on. */
export class Containers {
  private constructor(
    private readonly client: DockerClient,
    private readonly cloud: string,
  ) {}

  static async open(cloud: string): Promise<Containers> {
    return new Containers(await createDockerClient(process.env), cloud);
  }

  /** All containers of the cloud by the name of their process, jobs left out. */
  async inspect(): Promise<Map<string, ContainerInspectInfo>> {
    const { docker } = this.client;
    const list = await docker.listContainers({ all: true, filters: labelled(this.cloud) });
    const found = await Promise.all(list.map(({ Id }) => docker.getContainer(Id).inspect()));
    return new Map(found.map((info) => [info.Config.Labels[Label.process] ?? info.Name, info]));
  }

  /** Container id and start time by process: equal before and after means that nothing was restarted. */
  async identities(): Promise<Record<string, string>> {
    const found = [...(await this.inspect())].sort(([a], [b]) => a.localeCompare(b));
    return Object.fromEntries(found.map(([name, { Id, State }]) => [name, `${Id} ${State.StartedAt}`]));
  }

  async restart(process: string): Promise<void> {
    const info = (await this.inspect()).get(process);
    await this.client.docker.getContainer(info?.Id ?? process).restart();
  }

  /** Ends a container at once, as a loss of its machine does; it is not started again. */
  async kill(process: string): Promise<void> {
    const info = (await this.inspect()).get(process);
    await this.client.docker.getContainer(info?.Id ?? process).stop({ t: 0 });
  }

  /** Ends a process at once, as a fault of its own does: the engine starts it again. */
  async crash(process: string): Promise<void> {
    const pid = (await this.inspect()).get(process)?.State.Pid;
    if (!pid) throw new Error(`${process} does not run`);
    globalThis.process.kill(pid, 'SIGKILL');
  }

  /** Has a container stand still while something else goes on. */
  async pausing<T>(process: string, meanwhile: () => Promise<T>): Promise<T> {
    const info = (await this.inspect()).get(process);
    const container = this.client.docker.getContainer(info?.Id ?? process);
    await container.pause();
    try {
      return await meanwhile();
    } finally {
      // It may have ended meanwhile, and run again.
      if ((await container.inspect()).State.Paused) await container.unpause();
    }
  }

  /** Removes a container, whose volumes with a name stay. */
  async remove(process: string): Promise<void> {
    const info = (await this.inspect()).get(process);
    await this.client.docker.getContainer(info?.Id ?? process).remove({ force: true, v: true });
  }

  /** Removes a container and its volumes with the name of the process, as the loss of a disk does. */
  async lose(process: string): Promise<void> {
    await this.remove(process);
    await this.client.docker.getVolume(`${this.cloud}-${process}`).remove();
  }

  async start(process: string): Promise<void> {
    const info = (await this.inspect()).get(process);
    await this.client.docker.getContainer(info?.Id ?? process).start();
  }

  /** Standard output and error of a container. */
  async logs(id: string): Promise<string> {
    const logs = await this.client.docker.getContainer(id).logs({ stdout: true, stderr: true });
    return logs.toString('latin1');
  }

  /** Waits until no container is other than healthy. */
  async waitUntilHealthy(limitMs: number): Promise<void> {
    let sick: string[] = [];
    await waitUntil('all containers healthy', limitMs, async () => {
      sick = [...(await this.inspect())]
        .filter(([, { State }]) => State.Health?.Status !== 'healthy')
        .map(([name, { State }]) => `${name} is ${State.Status}, ${State.Health?.Status}`);
      return sick.length === 0 ? true : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${sick.join('; ')}`, { cause: error });
    });
  }

  /** Names of the processes of the cloud of which some part runs as root on the host, as the kernel has it. */
  async rootProcesses(): Promise<string[]> {
    const root: string[] = [];
    for (const [name, { Id }] of await this.inspect()) {
      const { Titles, Processes } = await this.client.docker.getContainer(Id).top();
      const pids = (Processes as string[][]).map((row) => Number(row[Titles.indexOf('PID')]));
      const uids = (await Promise.all(pids.map(uidsOf))).flat();
      if (uids.length === 0) throw new Error(`no process of ${name} was found`);
      if (uids.includes(0)) root.push(name);
    }
    return root.sort();
  }

  /** All that is on the engine and among the network interfaces of the host, whoever it belongs to. */
  async machine(): Promise<Machine> {
    const { docker } = this.client;
    const [containers, networks, volumes, interfaces] = await Promise.all([
      docker.listContainers({ all: true }),
      docker.listNetworks(),
      docker.listVolumes(),
      readdir('/sys/class/net'),
    ]);
    return {
      containers: containers.map(({ Id }) => Id),
      networks: networks.map(({ Id }) => Id),
      volumes: volumes.Volumes.map(({ Name }) => Name),
      // The engine's own pairs come and go with whatever containers.
      interfaces: interfaces.filter((name) => !/^veth[0-9a-f]{7}$/.test(name)),
    };
  }

  /** Names of what the engine holds of the cloud. */
  async remains(): Promise<{ containers: string[]; networks: string[]; volumes: string[] }> {
    const { docker } = this.client;
    const filters = labelled(this.cloud);
    const [containers, networks, volumes] = await Promise.all([
      docker.listContainers({ all: true, filters }),
      docker.listNetworks({ filters }),
      docker.listVolumes({ filters }),
    ]);
    return {
      containers: containers.map(({ Names }) => Names[0] ?? '').sort(),
      networks: networks.map(({ Name }) => Name).sort(),
      volumes: volumes.Volumes.map(({ Name }) => Name).sort(),
    };
  }
}

/** Real and effective user of a process on the host; none where it has ended. */
async function uidsOf(pid: number): Promise<number[]> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, real, effective] = /^Uid:\t(\d+)\t(\d+)/m.exec(status) ?? [];
  return real === undefined ? [] : [Number(real), Number(effective)];
}

/** What the container's first process started: its end is the end of the container. */
export async function childrenOf(pid: number): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number);
}

/** Command lines of all processes of the host, arguments separated by spaces. */
export async function commandLines(): Promise<{ pid: number; command: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = async (pid: number) => {
    // A process may end meanwhile.
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return { pid, command: text.replaceAll('\0', ' ').trim() };
  };
  return (await Promise.all(pids.map(read))).filter(({ command }) => command !== '');
}

/** Has a program stand still while something else goes on, which no pause of its container does where it has left its control group. */
export async function stopping<T>(command: string, meanwhile: () => Promise<T>): Promise<T> {
  const [one, ...others] = (await commandLines()).filter((line) => line.command.startsWith(command));
  if (!one || others.length > 0) throw new Error(`${others.length + (one ? 1 : 0)} run ${command}`);
  process.kill(one.pid, 'SIGSTOP');
  try {
    return await meanwhile();
  } finally {
    process.kill(one.pid, 'SIGCONT');
  }
}

/** Process ids of the QEMUs that run this server. */
export async function qemuOf(serverId: string): Promise<number[]> {
  const found = (await commandLines()).filter(({ command }) => command.includes(`-uuid ${serverId} `));
  return found.map(({ pid }) => pid);
}
