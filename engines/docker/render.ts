import type Docker from 'dockerode';
import { GantryError } from '../../src/errors.ts';
import type { Desired, DesiredNetwork } from '../../src/model/desired.ts';
import {
  type BlockDevice,
  blockDevicesOf,
  type CharacterDevice,
  CONFIG_DIR,
  type Device,
  isBlockDevice,
  type Port,
  type Process,
  portKey,
  type Workload,
} from '../../src/model/workload.ts';
import type { Identity } from '../../src/plan/identity.ts';
import { containerName, Label, networkName, volumeName } from './labels.ts';
import { renderSecurity } from './security.ts';

/** What rendering must know of the engine's machine. */
export interface NodeFacts {
  /** Paths of devices that exist on it. */
  devices: ReadonlySet<string>;
  /** Of block devices among them, the number of the group that each belongs to. */
  deviceGroups?: ReadonlyMap<string, number>;
  /** The Engine API that is spoken, such as 1.41. */
  apiVersion: string;
}

export interface RenderInput {
  desired: Pick<Desired, 'cloud' | 'networks' | 'processes' | 'publicAddress' | 'serversAddress'>;
  workload: Workload;
  ordinal: number;
  identity: Identity;
  imageReference: string;
  /** Fixed addresses on the internal network by process name. */
  addresses: Record<string, string>;
  node: NodeFacts;
}

export type CreateOptions = Docker.ContainerCreateOptions & { name: string; HostConfig: HostConfig };
type HostConfig = Docker.HostConfig & { CgroupnsMode?: 'host' | 'private' };

const SECOND = 1_000_000_000;
/** Seconds that a container which started by itself may be without a verdict where the first one takes an interval. */
const LONGEST_START = 10;
const devicePaths: Readonly<Record<Device, string>> = {
  tun: '/dev/net/tun',
  kvm: '/dev/kvm',
  'vhost-net': '/dev/vhost-net',
  fuse: '/dev/fuse',
};

/** Processes that host-network processes reach by name, or clients by an address that they keep: it is fixed. */
export function fixedAddressProcesses(processes: readonly Process[]): Process[] {
  return processes.filter(hasFixedAddress);
}

function hasFixedAddress({ needs }: Workload): boolean {
  return Boolean((needs.reachableFromNode || needs.keepsAddress) && !needs.hostNetwork);
}

/** The network that processes talk to each other on. Throws where there is none: a defect of the renderer. */
export function internalNetwork(networks: readonly DesiredNetwork[]): DesiredNetwork {
  const network = networks.find((candidate) => candidate.role === 'internal');
  if (!network) {
    throw new GantryError({ code: 'network.no-internal', whose: 'bug', message: 'No internal network' });
  }
  return network;
}

/** The options that the engine makes the container of one instance from. Pure. */
export function renderContainer(input: RenderInput): CreateOptions {
  const { desired, workload, ordinal, identity, node } = input;
  refuseSharedAddress(workload);
  const isProcess = workload.kind === 'process';
  return {
    name: containerName(desired.cloud, workload, ordinal, identity.identity),
    Image: input.imageReference,
    Cmd: workload.command,
    User: workload.user,
    Labels: renderLabels(input),
    ...(workload.needs.hostNetwork || workload.needs.uniqueHostname
      ? {}
      : { Hostname: hostnameOf(workload, ordinal) }),
    ...(isProcess ? renderLifecycle(workload, node) : {}),
    ...renderNetwork(input),
    HostConfig: {
      ...renderNetworkMode(input),
      ...renderSecurity(workload.needs),
      ...renderMounts(desired.cloud, workload),
      Devices: renderDevices(workload, node),
      ...renderGroups(workload, node),
      RestartPolicy: { Name: isProcess ? 'unless-stopped' : 'no' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      ...renderResources(workload),
    },
  };
}

function refuseSharedAddress(workload: Workload): void {
  if (workload.kind !== 'process' || !hasFixedAddress(workload)) return;
  if (workload.update === 'recreate' && workload.replicas === 1) return;
  throw new GantryError({
    code: 'process.shared-address',
    whose: 'bug',
    message: `${workload.name} has a fixed address, so it must be a single replica updated by recreate`,
    why: 'Two instances cannot hold it at once.',
  });
}

/** Independent of the number of replicas, so that scaling renames nobody. */
function hostnameOf(workload: Workload, ordinal: number): string {
  return ordinal === 0 ? workload.name : `${workload.name}-${ordinal}`;
}

function renderLabels({
  desired,
  workload,
  ordinal,
  identity,
  addresses,
}: RenderInput): Record<string, string> {
  const known = workload.needs.hostNetwork
    ? addresses
    : Object.fromEntries(Object.entries(addresses).filter(([name]) => name === workload.name));
  const labels: Record<string, string> = {
    [Label.cloud]: desired.cloud,
    [Label.service]: workload.service,
    [Label.process]: workload.name,
    [Label.kind]: workload.kind,
    [Label.ordinal]: String(ordinal),
    [Label.identity]: identity.identity,
    [Label.image]: identity.image,
    [Label.settings]: identity.settings,
    [Label.fileHashes]: JSON.stringify(identity.fileHashes),
  };
  if (workload.kind === 'process' && workload.surroundings) {
    labels[Label.surroundings] = JSON.stringify(workload.surroundings);
  }
  if (Object.keys(known).length > 0) labels[Label.addresses] = JSON.stringify(known);
  if (workload.files.some((file) => file.reloadable)) labels[Label.reloadable] = 'true';
  return labels;
}

function renderLifecycle(process: Process, node: NodeFacts): Partial<CreateOptions> {
  const { health, stop } = process;
  const startsQuickly = supportsStartInterval(node.apiVersion);
  const interval = startsQuickly ? health.intervalSeconds : Math.min(health.intervalSeconds, LONGEST_START);
  return {
    StopSignal: stop.signal,
    StopTimeout: stop.graceSeconds,
    Healthcheck: {
      Test: ['CMD', ...health.command],
      Interval: interval * SECOND,
      Timeout: health.timeoutSeconds * SECOND,
      StartPeriod: health.startSeconds * SECOND,
      Retries: health.retries,
      ...(startsQuickly ? { StartInterval: Math.min(health.intervalSeconds, 2) * SECOND } : {}),
    },
  };
}

/**
 * Engine 25 (API 1.44) probes more often while a container starts; older ones refuse the option, and probe for the
 * first time after a whole interval.
 */
function supportsStartInterval(apiVersion: string): boolean {
  const [major = 0, minor = 0] = apiVersion.split('.').map(Number);
  return major > 1 || minor >= 44;
}

function renderNetwork({ desired, workload, ordinal, addresses }: RenderInput): Partial<CreateOptions> {
  if (workload.needs.hostNetwork) return {};
  const network = networkName(desired.cloud, internalNetwork(desired.networks).name);
  const address = workload.kind === 'process' ? addresses[workload.name] : undefined;
  const aliases =
    workload.kind === 'process'
      ? [
          workload.name,
          `${workload.name}-${ordinal}`,
          ...workload.aliases,
          ...(workload.eachAs ? [workload.eachAs] : []),
        ]
      : [];
  const published = workload.kind === 'process' ? workload.ports.filter((port) => port.publicPort) : [];
  return {
    ...(published.length > 0
      ? { ExposedPorts: Object.fromEntries(published.map((port) => [portKey(port), {}])) }
      : {}),
    NetworkingConfig: {
      EndpointsConfig: {
        [network]: { Aliases: aliases, ...(address ? { IPAMConfig: { IPv4Address: address } } : {}) },
      },
    },
  };
}

function renderNetworkMode({ desired, workload, addresses }: RenderInput): Partial<HostConfig> {
  if (workload.needs.hostNetwork) {
    const hosts = fixedAddressProcesses(desired.processes).flatMap((process) =>
      [process.name, ...process.aliases].map((name) => `${name}:${addresses[process.name]}`),
    );
    return { NetworkMode: 'host', ExtraHosts: hosts.sort() };
  }
  const internal = internalNetwork(desired.networks);
  const onNode = desired.processes.filter((process) => process.needs.hostNetwork);
  const published = workload.kind === 'process' ? workload.ports.filter((port) => port.publicPort) : [];
  return {
    NetworkMode: networkName(desired.cloud, internal.name),
    ExtraHosts: onNode
      .flatMap((process) => [process.name, ...process.aliases].map((name) => `${name}:${internal.gateway}`))
      .sort(),
    PortBindings: Object.fromEntries(
      published.map((port) => [
        portKey(port),
        publishedAt(desired, port).map((HostIp) => ({ HostIp, HostPort: String(port.publicPort) })),
      ]),
    ),
  };
}

/** The addresses of this machine that a public port is at. */
export function publishedAt(
  { publicAddress, serversAddress }: Pick<Desired, 'publicAddress' | 'serversAddress'>,
  { forServers }: Pick<Port, 'forServers'>,
): string[] {
  return forServers && serversAddress !== undefined ? [publicAddress, serversAddress] : [publicAddress];
}

function renderMounts(cloud: string, workload: Workload): Partial<HostConfig> {
  const [uid = '0', gid = uid] = workload.user.split(':');
  const tmpfs = workload.tmpfs.map((path) => [path, `uid=${uid},gid=${gid},mode=${tmpfsMode(path)}`]);
  const binds = workload.hostMounts.map(({ hostPath, path, readOnly, propagation }) => {
    const options = [readOnly ? 'ro' : 'rw', ...(propagation ? [`r${propagation}`] : [])];
    return `${hostPath}:${path}:${options.join(',')}`;
  });
  if (workload.needs.hostCgroup) binds.push('/sys/fs/cgroup:/sys/fs/cgroup:rw');
  const volumes = workload.volumes.map(({ volume, path, readOnly = false }) => ({
    Type: 'volume' as const,
    Source: volumeName(cloud, volume),
    Target: path,
    ReadOnly: readOnly,
  }));
  // The archive call refuses a read-only root file system but takes a writable volume: config lives in one
  // without a name. Such volumes are removed together with the container, and owned as the image has their directory.
  const unnamed = [CONFIG_DIR, ...(workload.scratch ?? [])].map((Target) => ({
    Type: 'volume' as const,
    Source: '',
    Target,
    ReadOnly: false,
  }));
  return {
    ReadonlyRootfs: workload.readOnlyRoot,
    Tmpfs: Object.fromEntries(tmpfs),
    Binds: binds,
    Mounts: [...unnamed, ...volumes] as Docker.MountConfig,
  };
}

function tmpfsMode(path: string): string {
  return path === '/tmp' || path === '/var/tmp' ? '1777' : '0755';
}

function renderDevices(workload: Workload, node: NodeFacts): Docker.HostConfig['Devices'] {
  return (workload.needs.devices ?? [])
    .map((one) => ({ ...pathsOf(one), optional: one.optional }))
    .filter(({ host, optional }) => !optional || node.devices.has(host))
    .map(({ host, path }) => ({ PathOnHost: host, PathInContainer: path, CgroupPermissions: 'rwm' }));
}

/** A container has its devices with their owners: what is not root opens them as one of their group. */
function renderGroups(workload: Workload, { deviceGroups }: NodeFacts): Partial<HostConfig> {
  const groups = blockDevicesOf(workload).flatMap(({ block }) => deviceGroups?.get(block) ?? []);
  const own = groups.filter((group) => group !== 0);
  return own.length > 0 ? { GroupAdd: [...new Set(own)].map(String) } : {};
}

/** Where a device is on the machine and in the container. */
export function pathsOf(device: CharacterDevice | BlockDevice): { host: string; path: string } {
  if (isBlockDevice(device)) return { host: device.block, path: device.path ?? device.block };
  return { host: devicePaths[device.device], path: devicePaths[device.device] };
}

function renderResources({ resources }: Workload): Partial<HostConfig> {
  return {
    ...(resources.memoryMiB ? { Memory: resources.memoryMiB * 1024 * 1024 } : {}),
    ...(resources.cpus ? { NanoCpus: Math.round(resources.cpus * 1e9) } : {}),
    ...(resources.cpuset ? { CpusetCpus: resources.cpuset } : {}),
    ...(resources.numaNodes ? { CpusetMems: resources.numaNodes } : {}),
  };
}
