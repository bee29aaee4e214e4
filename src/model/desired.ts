import type { Job, Process, Ref } from './workload.ts';

/** Something done over a service's API rather than in a container, such as the registrations in Keystone. */
export interface Task {
  name: string;
  service: string;
  /** What to do, as data; the executor is found by `type`. */
  action: TaskAction;
  after: Ref[];
}

/** An account of a service in Keystone: a user in the `service` project with these roles. */
export interface ServiceAccount {
  user: string;
  /** Name of the secret that holds its password. */
  secret: string;
  /** Name of the user in Keystone, where it is not its own. */
  login?: string;
  roles: string[];
}

/** An entry of Keystone's service catalogue. URLs are complete, with scheme and path. */
export interface CatalogueEndpoint {
  service: string;
  type: string;
  description: string;
  publicUrl: string;
  internalUrl: string;
}

export type TaskAction = {
  type: 'keystone.register';
  accounts: ServiceAccount[];
  endpoints: CatalogueEndpoint[];
  /** Users of accounts that are valid no more. */
  retired?: string[];
};

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

/** All that should exist: the pure result of cloud.yaml, the catalogue, the secrets and the images. */
export interface Desired {
  cloud: string;
  images: DesiredImage[];
  networks: DesiredNetwork[];
  volumes: string[];
  processes: Process[];
  jobs: Job[];
  tasks: Task[];
  ledger: Ledger;
  /** Undefined where the nodes take images from elsewhere. */
  registry?: ImageRegistry;
  publicAddress: string;
}
