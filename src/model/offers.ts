/**
 * What services give each other. Who takes an offer knows what is said here, and neither who gives it nor what
 * processes that has. An offer that nobody gives is not there: its takers do without it, or cannot be without it.
 */

import type { OsloSections } from './oslo.ts';
import type { Ref, RenderedFile, VolumeMount } from './workload.ts';

/** What a workload waits for and connects to. */
export interface Dependent {
  after: Ref[];
  /** Names of processes or front ends. */
  reaches: string[];
}

/** What whoever takes it waits for and connects to as well. */
type Offer = Dependent;

/** An API that is found by its type in Keystone's catalogue, and reached as `identity` is: through the front door. */
interface ApiOffer extends Offer {
  serviceType: string;
}

/** Where Gantry and users log in. */
export interface LoginPoint {
  /** Inside the cloud, with the version. */
  url: string;
  /** The same for users. */
  publicUrl: string;
  /** The process that answers, and its port, for what is done before the front door is there. */
  process: string;
  port: number;
}

/** What runs servers, as far as it is asked about them. */
export interface HypervisorAccess {
  /** The process, of which each node has one. */
  process: string;
  /** Prints what servers of its node run with, as `parseAccelerator` takes it; nothing while that is being found out. */
  accelerator: readonly string[];
  /** Prints a line for each server of its node, as `parseDomains` takes it. */
  servers: readonly string[];
  /** Prints which disks that are volumes the servers of its node have, as `parseDisks` takes it. */
  disks: readonly string[];
  /** Prints as whom the servers of its node that run, or are suspended, open what others keep, as `parseLogins` takes it. */
  logins: readonly string[];
}

/** Where a server has left traces in what makes it: what `explain server` looks at, and sends people to. */
export interface ComputeTraces {
  /**
   * The process that answers servers' requests for metadata. For each its log has a line with this text, in which
   * `{server}` is the server's id, and the HTTP status behind it.
   */
  metadata: { process: string; text: string };
  /** Processes whose logs tell why a server... */
  logs: {
    /** ...is given no node. */
    placing: readonly string[];
    /** ...does not get to run on its node. */
    running: readonly string[];
  };
}

/**
 * How what is recorded of a volume in a server is mended: the command, in the process, takes `forget` or `keep`, the ids of
 * the server and the volume. With `renew` alone it has all records say as whom volumes are opened, as Cinder says it now.
 */
export interface VolumeRecords {
  process: string;
  command: readonly string[];
}

/** The command, in the process, by which Cinder says of attachments that there are what it says of new ones: as whom they are opened. */
export interface VolumeConnections {
  process: string;
  command: readonly string[];
}

/** Where a volume has left traces: processes whose logs tell what became of it. */
export interface VolumeTraces {
  logs: readonly string[];
}

/**
 * How lists of objects are made complete: an object is there at once for whoever asks for it, and may be missing in lists
 * for a while after something was away.
 */
export interface ListSettling {
  /** Processes, all of which take part. */
  processes: readonly string[];
  /** Commands: each is run in all processes, then the next. One that fails says what could not be told, and to whom. */
  rounds: readonly (readonly string[])[];
}

/**
 * By what images that are in Swift are fetched from there, past Glance and without a token, as bare metal does: temporary URLs
 * of objects that are named by the image's id. https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html
 */
export interface ImageUrls {
  /** Type of Swift's endpoint in Keystone's catalogue. */
  serviceType: string;
  /** The project whose account has the container. */
  project: string;
  container: string;
  /** What Glance calls the store. */
  store: string;
  /** Name of the secret that signs them, by SHA-256. */
  secret: string;
}

/** What is kept of what services tell of. */
export interface EventLog {
  process: string;
  /**
   * Prints a line of JSON for each event (KeptEvent), the oldest first. Takes `--since SECONDS`, since the epoch, and `--follow`,
   * with which it goes on until its standard input ends.
   */
  command: readonly string[];
}

/** Where metrics of the cloud itself are kept, by the API of Prometheus. */
export interface MonitoringAccess {
  /** For users, with the certificate of the front door. */
  url: string;
  /** Whom it lets in, by HTTP's basic authentication; `secret` is the name of the password. */
  user: string;
  secret: string;
}

/** How a registry of container images for users is worked with. */
export interface RegistryAccess {
  /** HOST:PORT, as it stands before the names of images; TLS by the cloud's certificate. */
  address: string;
  /** Whom it lets in, by HTTP's basic authentication; `secret` is the name of the password. */
  user: string;
  secret: string;
  /** What one of its processes starts from on a machine outside of the cloud. */
  elsewhere: RenderedFile[];
}

/** An NFS export that volumes of servers are files on, and the volume that it is mounted as (see VolumeMount). */
export interface VolumeExport {
  volume: string;
  export: string;
}

/** How a Ceph cluster is reached. */
export interface CephAccess extends Offer {
  /** The cluster's UUID. */
  cluster: string;
  /** Each monitor as `host:port`. */
  monitors: string[];
}

/** A client of a Ceph cluster, and the secret that is its key. */
export interface PoolClient {
  name: string;
  secret: string;
}

/** One whose key hypervisors have as well, who know it by a UUID, and the one that it takes turns with while both are valid. */
export interface HypervisorClient extends PoolClient {
  uuid: string;
  other?: PoolClient & { uuid: string };
}

export interface Offers {
  /** What answers for all front ends, at their own ports inside the cloud. */
  frontDoor: Offer & { process: string };

  /** A database that speaks MySQL's protocol, with the databases and users that services declare. */
  database: Offer & {
    host: string;
    port: number;
    /** Each server by itself, at the same port. */
    instances: string[];
    /** The way to it is a front end: silent, not refused, when it is lost with its node. */
    throughFrontDoor: boolean;
  };

  /** A message broker for RPC, AMQP 0-9-1, with the users that services declare in its virtual host `/`. */
  messaging: Offer & { hosts: string[]; port: number };

  /** Where services tell what happens in them, over the message broker; there only where somebody is to hear it. */
  notifications: Offer & {
    /** Of oslo.messaging. */
    driver: string;
    /** Each who hears has one: all are sent what happens. */
    topics: readonly string[];
    /** Whether APIs tell who asked them for what: of requests that change something, or of all. */
    audit: 'changes' | 'all' | undefined;
  };

  /** For whom it is about, after it has happened: Gantry alone takes it. */
  eventLog: Offer & { log: EventLog };

  /** That somebody asks processes how they do (MetricsSource): they answer only then. */
  monitoring: Offer & { access: MonitoringAccess };

  /** A cache that forgets, by Memcached's protocol; each server as `host:port`. */
  cache: Offer & { servers: string[] };

  /** Keystone. Whoever takes it comes after the accounts that services declare can log in. */
  identity: Offer & {
    /** Inside the cloud, without version and trailing slash. */
    url: string;
    publicUrl: string;
    login: LoginPoint;
  };

  /** OpenStack's own client, which a process holds ready with its credentials. */
  openstackClient: Offer & { process: string };

  /** Nova: `account` is what it lets others tell it of events with. */
  compute: ApiOffer & { account: string; traces: ComputeTraces; volumeRecords: VolumeRecords };

  /** That servers' own disks are in a pool, which hypervisors open as this client. */
  serverDisks: Offer & { client: HypervisorClient };

  /** What tells servers of themselves; `secret` signs whom a request is from. */
  metadata: Offer & { host: string; port: number; secret: string };

  /** Neutron: `account` is what it lets others make ports with. */
  network: ApiOffer & { account: string };

  /** Placement. */
  placement: ApiOffer;

  /** Images of servers; `urls` is undefined where none are in Swift. */
  imageStore: ApiOffer & { urls: ImageUrls | undefined };

  /**
   * The same at a `url` for services that open pools themselves: it tells them where in a pool an image is, and lets them say
   * it of new ones. There only where images are in a pool.
   */
  imageLocations: Offer & { url: string };

  /** What runs servers on a node. `socket` is what others on the node mount, `uri` is libvirt's. */
  hypervisor: Offer & { uri: string; socket: VolumeMount; access: HypervisorAccess };

  /**
   * Keys of encrypted volumes and certificates: the options by which Castellan finds them, which all takers use; `url` is
   * where the API of Barbican answers inside the cloud, without version, for those who make keys or have other options.
   */
  keyManager: Offer & { url: string; castellan: OsloSections };

  /** Volumes of servers, by Cinder's API; hypervisors have its `exports` where Nova looks for them. */
  blockStorage: ApiOffer & {
    traces: VolumeTraces;
    /** Undefined where all are opened by who runs servers. */
    connections: VolumeConnections | undefined;
    exports: VolumeExport[];
  };

  /** A Ceph cluster with the pools that services declare. */
  cephCluster: CephAccess;

  /** A file system of Ceph, by its name; the client makes subvolumes of it, limits them and lets others in to them. */
  fileSystem: CephAccess & { fileSystem: string; client: PoolClient };

  /** A Ceph cluster's pools of block devices (RBD), which every node can open. */
  blockPool: CephAccess & {
    /** Who may use what: each has a pool, and what it makes of images, or images of. */
    clients: { volumes: HypervisorClient; images: PoolClient; servers: HypervisorClient };
    pools: { volumes: string; images: string; servers: string };
  };

  /** Containers of objects, by what of Swift's API all have that may be in its place. */
  objects: ApiOffer;

  /** The same with all of Swift: who may only read is let in, and containers have keys of their own for temporary URLs. */
  objectStore: ApiOffer & { settling: ListSettling };

  /** A registry of container images for users. */
  containerRegistry: Offer & { access: RegistryAccess };

  /** The dashboard for browsers, and where users find it. */
  dashboard: Offer & { url: string };

  /** Zones that servers and floating IPs are given names in; `url` is where Neutron finds it, with the version. */
  dns: ApiOffer & { url: string };

  loadBalancer: ApiOffer;

  /** What was measured over time, by resource. */
  metrics: ApiOffer;
}

export type OfferName = keyof Offers;
