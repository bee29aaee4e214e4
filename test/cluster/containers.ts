import { existsSync } from 'node:fs';
import type Docker from 'dockerode';
import { isMissing } from '../../src/images/engine-stream.ts';
import {
  addresses,
  clusterDomain,
  hostName,
  mostNodes,
  nodeAddress,
  nodeName,
  podRange,
  prefix,
  type Role,
  registryPort,
  roleLabel,
} from './settings.ts';

export interface Made {
  /** Reference of the node image. */
  image: string;
  /** Folder with Kubernetes' programs. */
  kubernetes: string;
  /** Folder with the image of its pause program. */
  pause: string;
}

/** What makes a container as much of a machine as the engine allows. */
export const machine = {
  CapAdd: ['ALL'],
  // Not every machine has this one to give, and then the engine refuses all.
  CapDrop: ['SYS_RESOURCE'],
  SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
  MaskedPaths: [],
  ReadonlyPaths: [],
  CgroupnsMode: 'private',
  DeviceCgroupRules: ['a *:* rwm'],
  Tmpfs: { '/run': 'exec,mode=755', '/tmp': 'exec,mode=1777' },
  Sysctls: { 'net.ipv4.ip_forward': '1' },
};

/** Where the programs are in containers. */
const programs = '/opt/kubernetes';

/** Name on the engine: `gantry-cluster-control`, `gantry-cluster-node-1`. */
export function containerName(part: string): string {
  return `${prefix}-${part}`;
}

const storageVolume = `${prefix}-storage`;
export const registryVolume = `${prefix}-registry`;
export const nodeNetwork = prefix;
export const externalNetwork = `${prefix}-external`;

/** The control plane, which also stands for the router between the nodes' network and the external one. */
export async function createControl(docker: Docker, { image, kubernetes }: Made): Promise<Docker.Container> {
  await createVolume(docker, storageVolume, 'control');
  const container = await docker.createContainer({
    ...common(image, 'control', 'control', addresses.control),
    Cmd: ['start-control'],
    Env: [
      `CONTROL_ADDRESS=${addresses.control}`,
      `SERVICE_RANGE=${addresses.services}`,
      `CLUSTER_DOMAIN=${clusterDomain}`,
    ],
    HostConfig: {
      NetworkMode: nodeNetwork,
      CapAdd: ['NET_ADMIN'],
      Sysctls: { 'net.ipv4.ip_forward': '1' },
      Binds: [`${kubernetes}:${programs}:ro`, `${storageVolume}:/srv/storage`],
    },
  });
  await docker.getNetwork(externalNetwork).connect({ Container: container.id });
  return container;
}

export async function createRegistry(docker: Docker, { image }: Made): Promise<Docker.Container> {
  await createVolume(docker, registryVolume, 'registry');
  return docker.createContainer({
    ...common(image, 'registry', 'registry', addresses.registry),
    Cmd: ['start-services', 'registry'],
    ExposedPorts: { '5000/tcp': {} },
    HostConfig: {
      NetworkMode: nodeNetwork,
      Binds: [`${registryVolume}:/var/lib/docker-registry`],
      PortBindings: { '5000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(registryPort) }] },
    },
  });
}

/** A machine that is wired to both networks. */
export async function createNode(
  docker: Docker,
  { image, kubernetes, pause }: Made,
  external: string,
  index: number,
): Promise<Docker.Container> {
  const name = nodeName(index);
  const volume = containerName(name);
  await createVolume(docker, volume, 'node');
  const container = await docker.createContainer({
    ...common(image, 'node', name, nodeAddress(index)),
    Hostname: hostName(index),
    Cmd: ['start-node'],
    Env: [
      `NODE_NAME=${name}`,
      `NODE_INDEX=${index}`,
      `NODE_ADDRESS=${nodeAddress(index)}`,
      `NODE_GATEWAY=${addresses.gateway}`,
      `EXTERNAL_RANGE=${external}`,
      `EXTERNAL_ROUTER=${addresses.control}`,
      `POD_RANGE=${addresses.pods}`,
      `POD_PREFIX=${podRange(0).split('.').slice(0, 2).join('.')}`,
      `MOST_NODES=${mostNodes}`,
    ],
    HostConfig: {
      NetworkMode: nodeNetwork,
      ...machine,
      Devices: devices(),
      Binds: [
        `${kubernetes}:${programs}:ro`,
        `${pause}:/opt/pause:ro`,
        // Images and pods need a filesystem that overlays can lie on, which a container's own is not.
        `${volume}:/var/lib`,
        `${storageVolume}:/srv/storage`,
        ...(existsSync('/lib/modules') ? ['/lib/modules:/lib/modules:ro'] : []),
      ],
    } as Docker.HostConfig,
  });
  await docker.getNetwork(externalNetwork).connect({ Container: container.id });
  return container;
}

function common(image: string, role: Role, part: string, ip: string) {
  return {
    name: containerName(part),
    Image: image,
    Hostname: part,
    Labels: { [roleLabel]: role },
    StopSignal: 'SIGKILL',
    NetworkingConfig: { EndpointsConfig: { [nodeNetwork]: { IPAMConfig: { IPv4Address: ip } } } },
  };
}

/** The devices of this machine that a node's pods may ask for. */
function devices() {
  return ['/dev/net/tun', '/dev/kvm', '/dev/vhost-net', '/dev/fuse', '/dev/kmsg', '/dev/loop-control']
    .filter((path) => existsSync(path))
    .map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' }));
}

async function createVolume(docker: Docker, name: string, role: Role): Promise<void> {
  await docker.createVolume({ Name: name, Labels: { [roleLabel]: role } });
}

/** All containers of the cluster, builds left out, by the part of their name that is special. */
export async function listContainers(docker: Docker): Promise<Map<string, Docker.ContainerInfo>> {
  const found = await docker.listContainers({ all: true, filters: { label: [roleLabel] } });
  const machines = found.filter(({ Labels }) => Labels[roleLabel] !== 'build');
  return new Map(
    machines.map((info) => [(info.Names[0] ?? '').replace(`/${prefix}-`, ''), info] as const).sort(byName),
  );
}

/** The folder with the programs that the cluster runs; undefined where there is none. */
export async function findPrograms(docker: Docker): Promise<string | undefined> {
  const control = (await listContainers(docker)).get('control');
  return control?.Mounts.find(({ Destination }) => Destination === programs)?.Source;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Resolves where the object was there no more. */
export async function unlessMissing(call: Promise<unknown>): Promise<void> {
  await call.catch((thrown: unknown) => {
    if (!isMissing(thrown)) throw thrown;
  });
}
