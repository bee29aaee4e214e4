/** What services say about themselves before any of them is rendered. */

import type { RetiredUser, RoleNeed, ServiceAccount } from './task.ts';
import type { Protocol } from './workload.ts';

/** A secret a service needs; the name is unique in the cloud. */
export interface SecretNeed {
  name: string;
  kind: 'password' | 'fernet' | 'hex' | 'uuid' | 'ssh-ed25519' | 'ec-p256' | 'cephx';
}

/** A database with one user of the same name, who owns all of it. */
export interface DatabaseNeed {
  name: string;
  user: string;
  secret: string;
  /** What the user logs in as, where it is not its own name (see Retired). */
  login?: string;
}

/** A user of the database server who is told how it does, and may read and write nothing that services keep there. */
export interface DatabaseWatcher {
  user: string;
  secret: string;
  /** What the user logs in as, where it is not its own name (see Retired). */
  login?: string;
}

/** Where a process tells how it does, as Prometheus takes it, over plain HTTP inside the cloud. */
export interface MetricsSource {
  /** What they are of, unique in the cloud. */
  name: string;
  process: string;
  /** The name by which instances are found that have none of their own (Process.eachAs). */
  each?: string;
  /** It is open only where something gives `monitoring`. */
  port: number;
  /** `/metrics` unless said. */
  path?: string;
  parameters?: Readonly<Record<string, readonly string[]>>;
}

/** A user of the message broker in the cloud's one virtual host. */
export interface BrokerUser {
  user: string;
  secret: string;
  /** What the user logs in as, where it is not its own name (see Retired). */
  login?: string;
}

/** Pools of a Ceph cluster that a service has for itself, and its client there, which reads and writes them alone. */
export interface PoolsNeed {
  /** Ceph's name of the client, without `client.`, and the secret that is its key. */
  client: string;
  secret: string;
  /** What Ceph is told that they are for, by which the client's rights go. */
  application: string;
  /** By name, each one's placement groups on one OSD where there is one copy: powers of two. */
  groups: Readonly<Record<string, number>>;
  /** What is made of them: the client makes subvolumes there, and reads and writes nothing itself. */
  fileSystem?: FileSystemNeed;
}

/** A file system of Ceph (CephFS) in pools of its own. */
export interface FileSystemNeed {
  name: string;
  /** Which pool has its directories, and which the content of files. */
  pools: { metadata: string; data: string };
  /** The process that serves it, whose instances are `mds.` and the letter of their ordinal, and the secret that is their key. */
  servers: { process: string; secret: string };
}

/**
 * Logins that are valid no more. A user has two logins that take turns: while its password is changed both are valid,
 * the one in use declared before the other, so that no process is without one that works.
 */
export interface Retired {
  databaseUsers: string[];
  brokerUsers: string[];
  accounts: RetiredUser[];
}

interface FrontendBase {
  /** Host name that clients inside the cloud use, and what `public.ports` of cloud.yaml calls it. */
  name: string;
  /** The process that answers. Several front ends may lead to the same one. */
  process: string;
  /** The port for clients inside the cloud. */
  port: number;
  /** The port of the process, where it is another. */
  processPort?: number;
  /** The port for users, unless cloud.yaml says another. Where there is none, users are not let in. */
  publicPort?: number;
  /** Servers call it as well: its public port is where they reach it too (CloudFacts.serversAddress). */
  forServers?: true;
}

/** An HTTP GET that tells whether an instance takes requests. */
export interface HttpCheck {
  /** `/` unless said. */
  path?: string;
  /** The status that says so; unless said, each below 500. */
  status?: number;
}

/** Requests, spread over the instances: plain inside the cloud, TLS for users. */
export interface HttpFrontend extends FrontendBase {
  kind: 'http';
  check?: HttpCheck;
  /** How many connections an instance takes at the same time; what uWSGI's queue has room for unless said. */
  connections?: number;
  /**
   * Long-lived two-way connections (WebSocket), those of one client all to the same instance. Unless a check is said,
   * an instance that can be connected to takes them.
   */
  tunnel?: boolean;
}

/** Connections of any other protocol, spread over the instances; what is sent is not looked at, in public either. */
export interface TcpFrontend extends FrontendBase {
  kind: 'tcp';
}

/**
 * Connections of any other protocol, all to one instance of several: the first that says by the check, at a port for
 * that, that it takes them. While the process is single there is no such front end: clients use its own name.
 */
export interface LeaderFrontend extends Omit<FrontendBase, 'publicPort'> {
  kind: 'leader';
  publicPort?: never;
  check: HttpCheck & { port: number };
}

/**
 * UDP, which HAProxy does not carry: the process's own port is published. Clients inside the cloud use the process's
 * name. A TCP front end may have the same name, and with it the same public port.
 */
export interface UdpFrontend extends FrontendBase {
  kind: 'udp';
  processPort?: never;
  publicPort: number;
}

/** A way to a process that stays while its instances come and go. */
export type Frontend = HttpFrontend | TcpFrontend | LeaderFrontend | UdpFrontend;
/** Those that HAProxy carries. */
export type ProxiedFrontend = Exclude<Frontend, UdpFrontend>;

export function protocolOf({ kind }: Pick<Frontend, 'kind'>): Protocol {
  return kind === 'udp' ? 'udp' : 'tcp';
}

export interface EndpointNeed {
  service: string;
  type: string;
  description: string;
  /** Name of a public front end for HTTP. */
  frontend: string;
  path: string;
}

/** A network outside of the cloud that floating IPs are on, by Neutron's name. */
export interface PhysicalNetwork {
  name: string;
  /** Largest packet that it carries, in bytes; undefined means 1500. */
  mtu: number | undefined;
}

/** What the switch of each node attaches the external network to. */
export interface ExternalWire {
  /** The process that attaches it, on the network of its node. */
  process: string;
  /** Network interface of the node; undefined where the engine is to make a network for it. */
  interface: string | undefined;
  /** The interface becomes a port of the switch though the node is reached by it. */
  takesAddress: boolean;
}

/** How servers are run on each node, as far as nodes are looked at for it before. */
export interface Hypervisor {
  virtType: 'auto' | 'kvm' | 'qemu';
  /** Memory of the node that servers do not get. */
  reservedMemoryMiB: number;
}

/** The services that others share, such as the database, are rendered from what all of them declare. */
export interface ServiceDeclaration {
  secrets?: SecretNeed[];
  databases?: DatabaseNeed[];
  databaseWatchers?: DatabaseWatcher[];
  brokerUsers?: BrokerUser[];
  pools?: PoolsNeed[];
  accounts?: ServiceAccount[];
  /** Roles that users may be given, beside those that accounts have. */
  roles?: RoleNeed[];
  /**
   * Topics of the message broker at which it hears of what happens in services: all of them tell each topic, in queues of its
   * name. While there are none they send nothing.
   */
  notificationTopics?: string[];
  endpoints?: EndpointNeed[];
  frontends?: Frontend[];
  physicalNetworks?: PhysicalNetwork[];
  wires?: ExternalWire[];
  hypervisors?: Hypervisor[];
  metricsSources?: MetricsSource[];
}

/** All that is declared, together. */
export function mergeDeclarations(...declarations: ServiceDeclaration[]): Required<ServiceDeclaration> {
  return {
    secrets: declarations.flatMap(({ secrets = [] }) => secrets),
    databases: declarations.flatMap(({ databases = [] }) => databases),
    databaseWatchers: declarations.flatMap(({ databaseWatchers = [] }) => databaseWatchers),
    brokerUsers: declarations.flatMap(({ brokerUsers = [] }) => brokerUsers),
    pools: declarations.flatMap(({ pools = [] }) => pools),
    accounts: declarations.flatMap(({ accounts = [] }) => accounts),
    roles: declarations.flatMap(({ roles = [] }) => roles),
    notificationTopics: declarations.flatMap(({ notificationTopics = [] }) => notificationTopics),
    endpoints: declarations.flatMap(({ endpoints = [] }) => endpoints),
    frontends: declarations.flatMap(({ frontends = [] }) => frontends),
    physicalNetworks: declarations.flatMap(({ physicalNetworks = [] }) => physicalNetworks),
    wires: declarations.flatMap(({ wires = [] }) => wires),
    hypervisors: declarations.flatMap(({ hypervisors = [] }) => hypervisors),
    metricsSources: declarations.flatMap(({ metricsSources = [] }) => metricsSources),
  };
}
