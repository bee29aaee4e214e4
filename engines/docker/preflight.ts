import type Docker from 'dockerode';
import type { WantedWire } from '../../src/engine/external-interface.ts';
import { checkServersWay } from '../../src/engine/servers-way.ts';
import { GantryError } from '../../src/errors.ts';
import { checkUntried, type WantedType } from '../../src/model/accelerator.ts';
import type { CpuSet } from '../../src/model/cpu-set.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Finding } from '../../src/model/finding.ts';
import { nodeNetwork } from '../../src/model/node-network.ts';
import { type Protocol, portKey } from '../../src/model/workload.ts';
import { checkBlockDevices } from './block-devices.ts';
import {
  checkCapabilities,
  checkClock,
  checkCpusets,
  checkDisk,
  checkHostName,
  checkMemory,
  checkProcessors,
  checkRanges,
  checkReserved,
} from './checks.ts';
import type { DockerClient } from './client.ts';
import { captureCommand } from './command.ts';
import { readDetections } from './detections.ts';
import { checkKernel } from './kernel.ts';
import { Label } from './labels.ts';
import { portProblem, readMachine, resolves } from './machine.ts';
import { publishedAt } from './render.ts';
import { checkDirectories } from './volume-directories.ts';
import { checkExports } from './volume-exports.ts';
import { checkWire } from './wire.ts';

export interface PreflightInput {
  desired: Pick<
    Desired,
    'cloud' | 'networks' | 'processes' | 'jobs' | 'images' | 'publicAddress' | 'serversAddress' | 'hypervisor'
  >;
  /** Further ranges that must not collide with the machine's routes, such as the demo's tenant network. */
  ranges: { name: string; subnet: string }[];
  /** What the external network is to be attached to. */
  wire: WantedWire;
  /** CPUs for what runs outside of containers. */
  cpuSets: readonly CpuSet[];
  /** Memory that servers do not get. */
  reservedMemoryMiB: number;
  /** Host name of the package archive that images are built from. */
  packageArchive: string;
  /** True where names are resolved by a proxy instead. */
  proxied: boolean;
  /** What a machine whose hypervisor runs already found out about KVM, and what cloud.yaml wants. */
  accelerators(): Promise<readonly Finding[]>;
  virtType: WantedType;
  /** Connects to the engine; what it throws becomes a finding. */
  connect(): Promise<DockerClient>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Everything that could be in the way of a cloud, all at once; changes nothing. */
export async function preflight(input: PreflightInput): Promise<Finding[]> {
  let client: DockerClient;
  try {
    client = await input.connect();
  } catch (thrown) {
    if (!(thrown instanceof GantryError)) throw thrown;
    const { message, why, next } = thrown;
    return [
      {
        check: 'engine',
        level: 'error',
        message: why ? `${message}: ${why}` : message,
        ...(next ? { next } : {}),
      },
    ];
  }
  const { docker } = client;
  const [info, containers, images] = await Promise.all([
    docker.info() as Promise<EngineInfo>,
    docker.listContainers({ filters: { label: [Label.cloud] } }),
    docker.listImages(),
  ]);
  const own = containers.filter((container) => container.Labels[Label.cloud] === input.desired.cloud);
  const engine: Finding = {
    check: 'engine',
    level: 'ok',
    message: `Docker Engine ${client.version} at ${client.address}, ${info.Driver}, cgroup v${info.CgroupVersion ?? '1'}`,
  };
  return [
    engine,
    ...(takesHostName(input.desired) ? [checkHostName(info.Name)] : []),
    ...(await checkMachine(input, client, info, own)),
    ...(await readDetections(
      input.desired.processes,
      own,
      (id) => (command, signal) => captureCommand(docker.getContainer(id), command, { signal }),
    )),
    ...checkOtherClouds(input.desired, containers),
    ...(await checkArchive(input, images)),
  ];
}

/** Whether something of the cloud ends on a machine whose host name is no address to oslo.config. */
export function takesHostName({ processes, jobs }: Pick<Desired, 'processes' | 'jobs'>): boolean {
  return [...processes, ...jobs].some(({ needs }) => needs.hostNameAsAddress);
}

interface EngineInfo {
  /** The machine's host name. */
  Name: string;
  Driver: string;
  CgroupVersion?: string;
  DockerRootDir: string;
  MemTotal: number;
  NCPU: number;
}

/** What only a look at the machine itself shows; an engine elsewhere is only asked for its memory. */
async function checkMachine(
  input: PreflightInput,
  client: DockerClient,
  info: EngineInfo,
  own: Docker.ContainerInfo[],
): Promise<Finding[]> {
  const { desired } = input;
  const running = own.length > 0;
  const totalMiB = Math.floor(info.MemTotal / 1024 ** 2);
  const workloads = [...desired.processes, ...desired.jobs];
  const limits = [
    ...checkProcessors(workloads, info.NCPU),
    ...checkReserved(input.reservedMemoryMiB, totalMiB),
  ];
  if (!client.local) {
    const remote: Finding = {
      check: 'machine',
      level: 'warning',
      message: 'the engine runs elsewhere: its kernel, ports, routes and disk are not checked',
    };
    return [remote, ...(await input.accelerators()), checkMemory(totalMiB, running), ...limits];
  }
  const [facts, accelerators] = await Promise.all([readMachine(info.DockerRootDir), input.accelerators()]);
  const names = nodeNetwork(desired.cloud);
  const bridges = new Set(desired.networks.map(({ role }) => names[role]));
  return [
    checkCapabilities(
      facts.capabilities,
      workloads.flatMap((workload) => workload.needs.capabilities ?? []),
    ),
    ...checkKernel(facts.kernel, workloads),
    ...(accelerators.length > 0 || !desired.hypervisor
      ? accelerators
      : [checkUntried(facts.kvm, input.virtType)]),
    ...(await checkWire(input, client)),
    ...checkServersWay(desired),
    ...checkRanges([...desired.networks, ...input.ranges], facts.routes, bridges),
    ...(await checkPorts(desired, own)),
    checkMemory(facts.memoryAvailableMiB, running),
    ...limits,
    ...checkCpusets(workloads, input.cpuSets, facts),
    ...(await checkBlockDevices(workloads, new Set(own.map(({ Labels }) => Labels[Label.process])))),
    ...(await checkDirectories(client.docker, desired)),
    ...(await checkExports(workloads)),
    checkDisk(facts.diskFreeMiB, info.DockerRootDir, running),
    checkClock(input.now(), facts),
  ];
}

interface WantedPort {
  process: string;
  address: string;
  port: number;
  protocol: Protocol;
}

async function checkPorts(
  desired: PreflightInput['desired'],
  own: Docker.ContainerInfo[],
): Promise<Finding[]> {
  const here = new Set(own.map((container) => container.Labels[Label.process]));
  const held = new Set(own.flatMap(({ Ports }) => Ports.map(heldPort)));
  const wanted = desired.processes.flatMap((process) =>
    process.ports.flatMap(({ port, publicPort, protocol = 'tcp', ...more }): WantedPort[] => {
      if (process.needs.hostNetwork) {
        return here.has(process.name) ? [] : [{ process: process.name, address: '0.0.0.0', port, protocol }];
      }
      if (!publicPort) return [];
      return publishedAt(desired, more).map((address) => ({
        process: process.name,
        address,
        port: publicPort,
        protocol,
      }));
    }),
  );
  const problems = await Promise.all(
    wanted.map(async (one): Promise<Finding[]> => {
      const problem = await portProblem(one.address, one.port, one.protocol);
      // What this cloud listens on already goes to the process that takes its place.
      // An address that is not there is told of once, by what looks at the network.
      const isTold = problem === 'EADDRNOTAVAIL' || (problem === 'EADDRINUSE' && held.has(portKey(one)));
      if (!problem || isTold) return [];
      return [portFinding(one, problem)];
    }),
  );
  const found = problems.flat();
  if (found.length > 0) return found;
  return [
    { check: 'ports', level: 'ok', message: `all free or this cloud's own at ${desired.publicAddress}` },
  ];
}

/** A port of this machine that a container has. */
function heldPort({ PublicPort, Type }: Docker.Port): string {
  return `${PublicPort}/${Type}`;
}

function portFinding({ process, address, port, protocol }: WantedPort, problem: string): Finding {
  const isUdp = protocol === 'udp';
  const check = isUdp ? `port ${port}/udp` : `port ${port}`;
  if (problem === 'EACCES') {
    return { check, level: 'ok', message: 'only root can try it; the engine may listen there' };
  }
  return {
    check,
    level: 'error',
    message:
      problem === 'EADDRINUSE'
        ? `something else listens on ${address}:${port}${isUdp ? ' for UDP' : ''}, which ${process} needs`
        : `${process} cannot listen on ${address}:${port}: ${problem}`,
    next: `Stop it (\`ss -l${isUdp ? 'u' : 't'}np sport = :${port}\` shows what it is), or set another port under public.ports.`,
  };
}

/** Two clouds cannot share one node's network: each brings an Open vSwitch and its bridges. */
export function checkOtherClouds(
  { cloud, processes }: Pick<Desired, 'cloud' | 'processes'>,
  containers: readonly Pick<Docker.ContainerInfo, 'Labels' | 'HostConfig'>[],
): Finding[] {
  if (!processes.some(({ needs }) => needs.hostNetwork)) return [];
  const others = new Set(
    containers
      .filter((container) => container.HostConfig.NetworkMode === 'host')
      .map((container) => container.Labels[Label.cloud] ?? '')
      .filter((name) => name !== cloud),
  );
  return [...others].sort().map((name) => ({
    check: 'other clouds',
    level: 'error',
    message: `the cloud ${name} runs on this machine already, and its networks are the machine's own`,
    next: `Take it down first: \`gantry --name ${name} down\`.`,
  }));
}

async function checkArchive(
  { desired, packageArchive, proxied }: PreflightInput,
  images: Docker.ImageInfo[],
): Promise<Finding[]> {
  const present = new Set(images.flatMap((image) => image.RepoTags ?? []));
  // What a registry may have is perhaps not built at all.
  const missing = desired.images.filter((image) => !present.has(image.reference) && !image.registry).length;
  if (missing === 0 || proxied) return [];
  const check = 'package archive';
  if (await resolves(packageArchive)) {
    return [{ check, level: 'ok', message: `${packageArchive} resolves; ${missing} images are to be built` }];
  }
  return [
    {
      check,
      level: 'error',
      message: `${packageArchive} has no address here, and ${missing} images are to be built from it`,
      next: 'Repair name resolution, set http_proxy, or set images.mirror in cloud.yaml.',
    },
  ];
}
