import type { NodeRole } from './node-role.ts';

/**
 * Workloads: what the catalogue renders and every engine knows how to run. Nothing here names an engine;
 * a workload says what it needs, the engine says how.
 */

import type { RenderedSections } from './oslo.ts';

/** Where every rendered file lives in a container. Engines mount this directory, owned by root. */
export const CONFIG_DIR = '/etc/gantry';

/**
 * A thing that must be so first: a process answers its health check, a job or task succeeded. Of a retired process, each
 * instance that there is has the identity that is wanted, and is ready: none of an older release is left.
 */
export type Ref = `process:${string}` | `job:${string}` | `task:${string}` | `retired:${string}`;

export interface RenderedFile {
  /** Absolute, under CONFIG_DIR. */
  path: string;
  content: string;
  /** The same as data, for files of oslo.config: as secret as the content. */
  sections?: RenderedSections;
  /** Permission bits, such as 0o440. */
  mode: number;
  /** Numeric owner inside the container. */
  uid: number;
  gid: number;
  /** True when the content must never be shown: plans print only which keys changed. */
  secret: boolean;
  /** True when the process takes up a changed file without being replaced (see Process.reload). */
  reloadable: boolean;
}

export interface VolumeMount {
  volume: string;
  path: string;
  /**
   * Whose data it is. `instance` (the default): each instance has its own, which follows it. `shared`: one for all
   * instances of all workloads that mount it. `node`: one per node, for what must outlive containers but not the node.
   */
  scope?: 'instance' | 'shared' | 'node';
  readOnly?: boolean;
  /** Size to ask for where an engine must be asked for one; 1 unless said. */
  sizeGiB?: number;
  /** The directory of the machine that the volume is made of, where its administrator names one: on one machine's engine. */
  directory?: string;
  /**
   * The NFS export, `HOST:/PATH`, that the volume is: nodes mount it, for which containers would need privileges. All
   * instances of all workloads on all nodes have the same, whatever the scope, and it outlives the cloud.
   */
  export?: string;
}

/** A directory of the node itself, for what must outlive containers but not the node. */
export interface HostMount {
  hostPath: string;
  path: string;
  readOnly?: boolean;
  /** `shared` when mounts made inside must be seen outside, as network namespaces in /run/netns. */
  propagation?: 'private' | 'shared' | 'slave';
}

/** Linux capabilities that a container may be given, as capabilities(7) names them. */
export const capabilities = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'IPC_LOCK',
  'KILL',
  'MKNOD',
  'NET_ADMIN',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_ADMIN',
  'SYS_CHROOT',
  'SYS_MODULE',
  'SYS_NICE',
  'SYS_PTRACE',
  'SYS_RAWIO',
] as const;

export type Capability = (typeof capabilities)[number];

export type Device = 'tun' | 'kvm' | 'vhost-net' | 'fuse';

/** A character device of the node; an optional one is passed through only where it exists. */
export interface CharacterDevice {
  device: Device;
  optional?: boolean;
}

/** A block device of the node, which the workload may write to as it likes. */
export interface BlockDevice {
  /** Path on the node that leads to the same device after every restart, such as one in /dev/disk/by-id. */
  block: string;
  /** Where the container has it; the same path unless said. */
  path?: string;
  optional?: boolean;
  /**
   * Signatures that the workload itself writes to it, in the words of blkid(8), such as `ceph_bluestore`. A device that
   * has any other one, as of a file system or a partition table, is not given to it.
   */
  content?: readonly string[];
}

export function isBlockDevice(device: CharacterDevice | BlockDevice): device is BlockDevice {
  return 'block' in device;
}

/** Of everything that a workload needs, the block devices. */
export function blockDevicesOf({ needs }: { needs: Needs }): BlockDevice[] {
  return (needs.devices ?? []).filter(isBlockDevice);
}

/** A block device, and the node that has it where there are several: its label kubernetes.io/hostname. */
export interface PlacedDevice {
  path: string;
  node?: string | undefined;
}

/** A volume in a device's place, by its name: the engine says what it is made of, and where. */
export interface VolumeDevice {
  volume: string;
  /** See VolumeMount. */
  sizeGiB?: number;
  directory?: string;
}

export function isVolumeDevice(device: PlacedDevice | VolumeDevice): device is VolumeDevice {
  return 'volume' in device;
}

/** A module of Linux, loaded or built in. */
export interface KernelModule {
  /** As modprobe(8) takes it, such as `tun`. */
  name: string;
  /** The option of the kernel that builds it in, without `CONFIG_`; the name in capitals unless said. */
  option?: string;
}

/** Modules of the node's kernel of which one is needed: the first that it has is made use of. */
export interface KernelNeed {
  /** What they are for, such as `tunnels`, where it is not the one module that is told of. */
  purpose?: string;
  /** The best one first, each with what is chosen by it, in words. */
  modules: readonly (KernelModule & { choice?: string })[];
  /** What is chosen where the kernel has none of them, in words: without it, there is no doing without. */
  otherwise?: string;
  /** Only a kernel with this module needs them. On any other, the first is chosen all the same, as `otherwise` says. */
  onlyWith?: KernelModule & { otherwise: string };
}

/** What a workload needs of the node it runs on. Nothing means: an unprivileged container on the cloud's network. */
export interface Needs extends NodeChecks {
  capabilities?: Capability[];
  devices?: (CharacterDevice | BlockDevice)[];
  hostNetwork?: boolean;
  hostPid?: boolean;
  /** The node's own cgroup hierarchy, writable: guests are put outside the container's cgroup so that they outlive it. */
  hostCgroup?: boolean;
  /** May gain privileges through set-uid programs (sudo, rootwrap). Off unless asked for. */
  setuid?: boolean;
  /** Each instance has a host name of its own, for what registers itself under it and deregisters when it ends. */
  uniqueHostname?: boolean;
  /** Each instance keeps a name that others reach it by (see EngineFacts.instanceDomain): set for what forms clusters. */
  instanceNames?: boolean;
  /** Must be reachable by name from processes that live on the node's own network. */
  reachableFromNode?: boolean;
  /** Its name leads to the same address for as long as its data is there: clients keep that. See keptNames. */
  keepsAddress?: boolean;
  /** Is told the name of its node, where there are several: by GANTRY_NODE_NAME, as all on the node's network is. */
  nodeName?: boolean;
}

/** What a node is looked at for before anything starts on it. Containers are made alike, whatever is said here. */
export interface NodeChecks {
  kernel?: readonly KernelNeed[];
  /** It ends where the node's host name is none that oslo.config takes for an address (HostAddress). */
  hostNameAsAddress?: boolean;
}

export type Protocol = 'tcp' | 'udp';

export interface Port {
  name: string;
  port: number;
  /** TCP unless said. */
  protocol?: Protocol;
  /** Published to users at the cloud's public address on this port. */
  publicPort?: number;
  /** Published to servers as well, where these do not reach that address (Desired.serversAddress). */
  forServers?: true;
}

/** A port with its protocol, as Docker writes it: `53/udp`. A process may hold one number in both. */
export function portKey({ port, protocol = 'tcp' }: Pick<Port, 'port' | 'protocol'>): string {
  return `${port}/${protocol}`;
}

/** Run inside the container; exit 0 is healthy, output says why not. */
export interface HealthCheck {
  command: string[];
  /**
   * Where the command asks nothing but the process itself: an engine may ask that port without a command. With a path
   * an HTTP GET that answers with a status below 400, else that connections are accepted.
   */
  asks?: { port: number; path?: string };
  intervalSeconds: number;
  timeoutSeconds: number;
  /** Failures within this time after the start do not count. */
  startSeconds: number;
  retries: number;
}

export interface Resources {
  memoryMiB?: number;
  cpus?: number;
  /** CPUs that it runs on, in the list format of cpuset(7): `0-3,8`. */
  cpuset?: string;
  /** NUMA nodes that its memory is from, in the same format. */
  numaNodes?: string;
  /** Nobody else gets what the limits say, whether it is used or not. Both limits are given then. */
  guaranteed?: boolean;
}

interface WorkloadBase {
  /** Unique in the cloud, such as `nova-api`; also the name it resolves by on the cloud's network. */
  name: string;
  service: string;
  /** Name in the image graph, such as `nova`. */
  image: string;
  command: string[];
  /** `uid:gid`, numeric. */
  user: string;
  files: RenderedFile[];
  volumes: VolumeMount[];
  hostMounts: HostMount[];
  /** Directories that are memory-backed and start empty, writable by `user`. */
  tmpfs: string[];
  /** Directories on disk that start empty, or as in the image, and go with the container; writable by `user`. */
  scratch?: string[];
  /** Root filesystem read-only. */
  readOnlyRoot: boolean;
  needs: Needs;
  /** Roles of the nodes that it may run on; one of them is enough. On one machine's engine that is the machine. */
  on: readonly NodeRole[];
  /** What must be ready or done before it starts. */
  after: Ref[];
  /** Processes whose ports it connects to, by any of their names: nothing else inside the cloud lets it in. */
  reaches: string[];
  resources: Resources;
}

export interface Farewell {
  command: string[];
  timeoutSeconds: number;
}

/** What a process found out about its node when it started. */
export interface Detection {
  /** What it is about, such as `datapath`. */
  check: string;
  /** Run inside; prints one of the keys of `choices`, with or without double quotes. */
  command: string[];
  /** What each answer means, in words. */
  choices: Record<string, string>;
}

/** A long-running container kind. */
export interface Process extends WorkloadBase {
  kind: 'process';
  /** How many there are: `replicas` of them, one on each node that it may run on, or one for each of some devices. */
  spread: 'replicas' | 'perNode' | 'perDevice';
  /**
   * With `perDevice`: the devices, where each instance finds its own, and what it writes there (see BlockDevice.content).
   * The command of one that is `named` is given its name behind all else: host names of pods are others. Each instance is
   * a process of its own by the time that an engine sees it, as if written so.
   */
  perDevice?: {
    devices: readonly (PlacedDevice | VolumeDevice)[];
    path: string;
    content?: readonly string[];
    named?: boolean;
  };
  /** The process that it is the instance of for one device. */
  instanceOf?: string;
  /** The only node that it may run on, by the label kubernetes.io/hostname. */
  node?: string;
  replicas: number;
  /** `rolling`: the new one is healthy before the old one stops. `recreate`: the old one stops first (it holds a port, a volume or a lock). */
  update: 'rolling' | 'recreate';
  ports: Port[];
  health: HealthCheck;
  stop: { signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGUSR1'; graceSeconds: number };
  /** How changed reloadable files are taken up: a signal to the first process, or a command run inside. */
  reload?: { signal: string } | { command: string[] };
  /**
   * Run inside when the whole cloud is taken down, before the process stops: ends what outlives the container by
   * design, such as running guests. Not run when the process is only replaced.
   */
  farewell?: Farewell;
  /**
   * Run inside an instance that stays before there are fewer, with how many stay behind all else: takes the others out of
   * what all of them form. An engine that has one of what forms clusters has no use for it.
   */
  shrink?: Farewell;
  /** Told by `doctor` of each node that it runs on. */
  detections?: Detection[];
  /** Further names it resolves by on the cloud's network. */
  aliases: string[];
  /** A name that leads to each of its instances by itself, ready or not: for what asks all of them. */
  eachAs?: string;
  /**
   * What an engine creates its instances with that follows from the rest of the cloud, such as addresses of others,
   * by what it is in words. Set by an engine before it plans: a change replaces them.
   */
  surroundings?: Record<string, string>;
}

export const jobPhases = ['expand', 'migrate', 'contract'] as const;
export type JobPhase = (typeof jobPhases)[number];

/** A one-shot container; removed when it succeeded, its success recorded in the ledger. */
export interface Job extends WorkloadBase {
  kind: 'job';
  timeoutSeconds: number;
  /**
   * What it does to a schema that two releases use at the same time. `expand` adds what the newer one needs, `migrate`
   * moves data, and `contract` removes what only the older one needs: once no process of its service is of an older
   * release. The jobs of a service run in this order.
   */
  phase?: JobPhase;
  /**
   * Databases that it makes the tables of, and does nothing else. What it makes of empty ones depends on its image, its
   * command, what cloud.yaml sets in its files and `inputs`: no secret, name or address of a cloud is in it, so that an
   * engine may load what the same job made before.
   */
  schema?: { databases: string[]; inputs?: Record<string, string | number> };
}

export type Workload = Process | Job;
