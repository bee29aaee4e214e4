import type {
  ComputeTraces,
  EventLog,
  HypervisorAccess,
  ImageUrls,
  ListSettling,
  LoginPoint,
  MonitoringAccess,
  RegistryAccess,
  VolumeConnections,
  VolumeRecords,
  VolumeTraces,
} from './offers.ts';
import type { CatalogueEndpoint, Task } from './task.ts';
import type { Job, Process } from './workload.ts';

export interface DesiredImage {
  /** Name in the image graph. */
  name: string;
  /** Hash of all inputs, parents included; 12 hex digits. */
  hash: string;
  /** Complete reference that containers are made from. */
  reference: string;
  /** Names of images it is built from. */
  parents: string[];
  /** Registry to take it from where it is there. */
  registry?: string;
}

export interface DesiredNetwork {
  name: string;
  role: 'internal' | 'external';
  /** CIDR, such as 10.29.28.0/24. */
  subnet: string;
  gateway: string;
  /** False where addresses are to leave the machine as they are; true unless said. */
  nat?: boolean;
}

/** The record, kept with the data itself, of which jobs and tasks succeeded with which content. */
export interface Ledger {
  /** The process in whose container the commands run. */
  process: string;
  user: string;
  /** Prints one `name<TAB>hash` per line. */
  read: string[];
  /** Takes `name<TAB>hash` lines on standard input and stores them. */
  record: string[];
  /**
   * For a ledger in the database that the schemas are in: with `state` it prints `empty` or `used`, with `take` what the
   * databases hold, with `load` and the SHA-256 of what is on standard input it loads that; names of databases follow.
   */
  schemas?: string[];
}

/** The processes that bring images to the nodes where no registry outside does. */
export interface ImageRegistry {
  /** The process that keeps the images. */
  process: string;
  /** Its port on loopback: the only way to put images in, for whoever may connect to its pod. */
  pushPort: number;
  /** Runs on every node, and is what the node takes images from: everything else waits for it. */
  mirror: string;
}

/** What Gantry itself takes of what services give: undefined where no service of the cloud gives it. */
export interface TakenByGantry {
  identity?: LoginPoint;
  /** The process that answers for all front ends inside the cloud. */
  frontDoor?: string;
  /** The process with OpenStack's client. */
  openstackClient?: string;
  hypervisor?: HypervisorAccess;
  /** Where servers have left traces. */
  compute?: ComputeTraces;
  volumeRecords?: VolumeRecords;
  /** Where volumes have left traces. */
  blockStorage?: VolumeTraces;
  volumeConnections?: VolumeConnections;
  containerRegistry?: RegistryAccess;
  /** URL of the dashboard. */
  dashboard?: string;
  /** By what images are fetched from Swift. */
  imageStore?: ImageUrls;
  /** How lists of objects are made complete. */
  objectStore?: ListSettling;
  eventLog?: EventLog;
  /** Where metrics of the cloud itself are kept. */
  monitoring?: MonitoringAccess;
}

/** All that should exist: the pure result of cloud.yaml, the catalogue, the secrets and the images. */
export interface Desired extends TakenByGantry {
  cloud: string;
  images: DesiredImage[];
  networks: DesiredNetwork[];
  volumes: string[];
  processes: Process[];
  jobs: Job[];
  tasks: Task[];
  /** All entries of Keystone's catalogue, Keystone's own as well. */
  endpoints: CatalogueEndpoint[];
  /** Undefined in a cloud of one service that needs no jobs and no tasks. */
  ledger: Ledger | undefined;
  /** Undefined where the nodes take images from elsewhere. */
  registry?: ImageRegistry;
  publicAddress: string;
  /** Where servers reach what is published for them, if not at the public address. */
  serversAddress?: string;
}
