/**
 * What the processes of a cloud on this machine's Docker Engine hold in memory, by process of the catalogue. Measured as
 * PSS, in which a page that n processes share counts as an nth for each: the sum is what would become free.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type Docker from 'dockerode';
import { createDockerClient } from '../../engines/docker/client.ts';
import { Label, labelled } from '../../engines/docker/labels.ts';
import { GantryError } from '../../src/errors.ts';

const MIB = 1024 * 1024;

interface Group {
  processes: number;
  /** Bytes. */
  pss: number;
  /** Bytes that no other process has, written to since they were mapped. */
  own: number;
}

/** Where the processes of a cloud are found: by the container in their cgroup, or by the mounts they share with it. */
interface Containers {
  byId: Map<string, string>;
  byMounts: Map<string, string>;
}

/** Prints the table, or that no cloud is up, which makes the exit code 1. */
export async function benchMemory(say: (text: string) => void): Promise<void> {
  const { docker } = await createDockerClient(process.env);
  const running = await docker.listContainers({ filters: { label: [Label.cloud] } });
  if (running.length === 0) {
    say(
      'No cloud is up on this engine: start one with gantry up --demo, and leave it idle for some minutes.',
    );
    process.exitCode = 1;
    return;
  }
  const groups = await measure(await findContainers(docker, running));
  const sorted = [...groups].sort(([, a], [, b]) => b.pss - a.pss);
  say(`${'MiB of'.padEnd(26)}${'PSS'.padStart(8)}${'own'.padStart(8)}${'processes'.padStart(11)}`);
  for (const [name, group] of [...sorted, ['all of them', total(groups)] as const]) {
    say(`${name.padEnd(26)}${mib(group.pss)}${mib(group.own)}${String(group.processes).padStart(11)}`);
  }
  say(`${(total(groups).pss / 1e9).toFixed(2)} GB of PSS`);
}

/** MiB of PSS of all processes of a cloud. Throws `bench.no-memory` where they cannot be looked at. */
export async function measureMemory(docker: Docker, cloud: string): Promise<number> {
  const running = await docker.listContainers({ filters: labelled(cloud) });
  const { pss } = total(await measure(await findContainers(docker, running)));
  if (pss > 0) return pss / MIB;
  throw new GantryError({
    code: 'bench.no-memory',
    whose: 'environment',
    message: `No process of the cloud ${cloud} can be looked at`,
    next: 'Measure as root, on the machine of the engine.',
  });
}

async function findContainers(docker: Docker, running: Docker.ContainerInfo[]): Promise<Containers> {
  const found: Containers = { byId: new Map(), byMounts: new Map() };
  for (const { Id, Labels } of running) {
    const name = Labels[Label.process] ?? Id.slice(0, 12);
    found.byId.set(Id, name);
    const { State } = await docker.getContainer(Id).inspect();
    const mounts = await mountsOf(String(State.Pid));
    if (mounts) found.byMounts.set(mounts, name);
  }
  return found;
}

async function measure(containers: Containers): Promise<Map<string, Group>> {
  const groups = new Map<string, Group>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const name = await ownerOf(pid, containers);
    const rollup = name && (await read(`/proc/${pid}/smaps_rollup`));
    if (!name || !rollup) continue;
    const group = groups.get(name) ?? { processes: 0, pss: 0, own: 0 };
    groups.set(name, group);
    group.processes += 1;
    group.pss += sizeOf(rollup, 'Pss');
    group.own += sizeOf(rollup, 'Private_Dirty');
  }
  return groups;
}

/** Servers and what holds their consoles have left the cgroup of their container, but not its mounts. */
async function ownerOf(pid: string, { byId, byMounts }: Containers): Promise<string | undefined> {
  const container = /[0-9a-f]{64}/.exec((await read(`/proc/${pid}/cgroup`)) ?? '')?.[0];
  const mounts = container ? undefined : await mountsOf(pid);
  const name = container ? byId.get(container) : mounts && byMounts.get(mounts);
  if (!name) return undefined;
  return (await read(`/proc/${pid}/comm`))?.startsWith('qemu-system') ? 'servers (QEMU)' : name;
}

function total(groups: Map<string, Group>): Group {
  const sum = { processes: 0, pss: 0, own: 0 };
  for (const group of groups.values()) {
    sum.processes += group.processes;
    sum.pss += group.pss;
    sum.own += group.own;
  }
  return sum;
}

function sizeOf(rollup: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) * 1024;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0).padStart(8);
}

/** Undefined where the process has ended meanwhile, or is not ours to look at. */
async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function mountsOf(pid: string): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined);
}
