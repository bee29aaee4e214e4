import type { CatalogueEndpoint, ImageRegistry, Ledger, ServiceAccount, Task } from './desired.ts';
import type { OsloSections } from './oslo.ts';
import type { Job, Process, RenderedFile } from './workload.ts';

/** A secret a service needs; the name is unique in the cloud. */
export interface SecretNeed {
  name: string;
  kind: 'password' | 'fernet' | 'hex' | 'uuid' | 'ssh-ed25519' | 'ec-p256';
}

/** A database with one user of the same name, who owns all of it. */
export interface DatabaseNeed {
  name: string;
  user: string;
  secret: string;
  /** What the user logs in as, where it is not its own name (see Retired). */
  login?: string;
}

/** A user of the message broker in the cloud's one virtual host. */
export interface BrokerUser {
  user: string;
  secret: string;
  /** What the user logs in as, where it is not its own name (see Retired). */
  login?: string;
}

/**
 * Logins that are valid no more. A user has two logins that take turns: while its password is changed both are valid,
 * the one in use declared before the other, so that no process is without one that works.
 */
export interface Retired {
  databaseUsers: string[];
  brokerUsers: string[];
  accounts: string[];
}

/** A port that the front door holds for a process: plain inside the cloud, TLS for the public. */
export interface Frontend {
  /** Host name that clients inside the cloud use. */
  name: string;
  /** The process that answers. */
  process: string;
  /** The port, the same inside, at the process and in public. */
  port: number;
  public: boolean;
  /** Long-lived two-way connections (WebSocket). */
  tunnel?: boolean;
  /**
   * All connections go to one instance of several, the first that says on the port of its state, by an HTTP status of
   * 200, that it takes them. While the process is single there is no such front end: clients use its own name.
   */
  leader?: { statePort: number };
}

export interface EndpointNeed {
  service: string;
  type: string;
  description: string;
  frontend: string;
  port: number;
  path: string;
}

/** What services say about themselves before any of them is rendered; the shared ones are rendered from all of it. */
export interface ServiceDeclaration {
  secrets?: SecretNeed[];
  databases?: DatabaseNeed[];
  brokerUsers?: BrokerUser[];
  accounts?: ServiceAccount[];
  endpoints?: EndpointNeed[];
  frontends?: Frontend[];
}

/** What the catalogue may know of the cloud to be: plain data, resolved from cloud.yaml. */
export interface CloudFacts {
  cloud: string;
  region: string;
  release: string;
  publicAddress: string;
  /** Host part of public URLs. */
  publicHost: string;
  /** Public ports by name of the front end, where they are not the standard ones. */
  publicPorts: Record<string, number>;
  debug: boolean;
  notifications: boolean;
  /** Cores of the smallest machine that control processes run on. */
  cores: number;
  /** Machines that control processes run on. */
  controlNodes: number;
  /** What makes the name of a process complete where search domains are not used; empty, or with a leading dot. */
  domain: string;
  /** What follows PROCESS-ORDINAL in the name of an instance (see EngineFacts); undefined where clusters are single. */
  instanceDomain: string | undefined;
  /** What guests ask for names where their subnet does not say; empty means what Neutron's API itself asks. */
  nameServers: readonly string[];
  external: {
    bridge: string;
    interface?: string;
    /** The interface becomes a port of the switch though the node is reached by it. */
    takesAddress?: boolean;
    physicalNetwork: string;
    mtu?: number;
  };
  compute: {
    virtType: 'auto' | 'kvm' | 'qemu';
    cpuRatio?: number;
    ramRatio?: number;
    reservedMemoryMiB: number;
  };
  rotation: { fernetSeconds: number };
  /** PEM of the front door's certificate chain and key, and of the authority that signed it. */
  certificate: { chainAndKey: string; authority: string };
}

export interface RenderContext extends CloudFacts {
  /** Every declaration of the services that are on. */
  declared: Required<ServiceDeclaration>;
  retired: Retired;
  secret(name: string): string;
  /** API or RPC worker processes; the cloud.yaml value, else the default given. */
  workers(process: string, byDefault: number): number;
  /** How many instances: what cloud.yaml says, else the default given, else one per control node, three at most. */
  replicas(process: string, byDefault?: number): number;
  /** The complete host name of each single instance of a process, by ordinal. */
  instances(process: string): string[];
  /** The complete host names by which clients reach a process: its own while it is single, else its instances'. */
  hosts(process: string): string[];
  /** What cloud.yaml sets for this file, limited to the groups that the process reads. */
  overrides(file: string, process: string): OsloSections;
  enabled(service: string): boolean;
}

export interface RenderedService {
  processes: Process[];
  jobs: Job[];
  tasks: Task[];
}

export interface ProcessTraits {
  replicas: boolean;
  workers?: boolean;
  /** The cloud works without it, but for what it alone gives: it may be switched off where its service may not. */
  optional?: boolean;
  /**
   * Its instances hold what is there once for each of them, such as data or a fixed address, so that not every engine
   * runs several. `majority`: they work while more than half of them do. `alike`: nobody tells them apart.
   */
  cluster?: 'majority' | 'any' | 'alike';
}

export interface ServiceDefinition {
  name: string;
  summary: string;
  /** On unless cloud.yaml says otherwise. */
  byDefault: boolean;
  /** Others cannot do without it. */
  required: boolean;
  declare(facts: CloudFacts): ServiceDeclaration;
  render(context: RenderContext): RenderedService;
  /** Its processes, known before rendering, for checking cloud.yaml. */
  processNames: Record<string, ProcessTraits>;
  /** Volumes that belong to no node, whose size cloud.yaml may say: known before rendering. */
  dataVolumes?: string[];
  /** Configuration files that cloud.yaml may set options of, with the groups that only some processes read. */
  configFiles?: Record<string, { groupReaders?: Record<string, string[]> }>;
  /** Where success of jobs is recorded, for the service that can. */
  ledger?: Ledger;
  /** For the service that keeps the images of the others: it is on where cloud.yaml names no other place for them. */
  imageRegistry?: ImageRegistry;
}

export function defineService(definition: ServiceDefinition): ServiceDefinition {
  return definition;
}

/** Where users reach a front end. */
export function publicUrl(
  facts: Pick<CloudFacts, 'publicHost' | 'publicPorts'>,
  frontend: string,
  port: number,
  path = '',
): string {
  return `https://${facts.publicHost}:${facts.publicPorts[frontend] ?? port}${path}`;
}

/** Turns an endpoint a service needs into the entry of Keystone's catalogue. */
export function catalogueEndpoint(endpoint: EndpointNeed, facts: CloudFacts): CatalogueEndpoint {
  return {
    service: endpoint.service,
    type: endpoint.type,
    description: endpoint.description,
    publicUrl: publicUrl(facts, endpoint.frontend, endpoint.port, endpoint.path),
    internalUrl: `http://${endpoint.frontend}:${endpoint.port}${endpoint.path}`,
  };
}

/** True where the cloud has, or may get, several nodes: an engine that gives instances their places has them on nodes. */
export function spansNodes({ instanceDomain }: Pick<CloudFacts, 'instanceDomain'>): boolean {
  return instanceDomain !== undefined;
}

/** The front ends of a cloud: all that are declared, without leaders of what is single. */
export function frontendsOf({
  declared,
  replicas,
}: Pick<RenderContext, 'declared' | 'replicas'>): Frontend[] {
  return declared.frontends.filter(({ leader, process }) => !leader || replicas(process) > 1);
}

type ProcessInput = Partial<Process> &
  Pick<Process, 'name' | 'service' | 'image' | 'command' | 'user' | 'health'>;
type JobInput = Partial<Job> & Pick<Job, 'name' | 'service' | 'image' | 'command' | 'user'>;

const baseDefaults = {
  files: [],
  volumes: [],
  hostMounts: [],
  tmpfs: ['/tmp'],
  readOnlyRoot: true,
  needs: {},
  after: [],
  reaches: [],
  resources: {},
};

/** A process with the defaults filled: unprivileged, read-only root, /tmp in memory, one replica, replaced in place. */
export function process(input: ProcessInput): Process {
  return {
    ...baseDefaults,
    replicas: 1,
    update: 'recreate',
    ports: [],
    stop: { signal: 'SIGTERM', graceSeconds: 10 },
    aliases: [],
    ...input,
    kind: 'process',
  };
}

/** A job with the defaults filled. */
export function job(input: JobInput): Job {
  return { ...baseDefaults, timeoutSeconds: 300, ...input, kind: 'job' };
}

/** A rendered file readable by the process's user only; owned by root, so that the process cannot change it. */
export function file(
  path: string,
  content: string,
  options: Partial<RenderedFile> & { gid: number },
): RenderedFile {
  return { path, content, mode: 0o440, uid: 0, secret: true, reloadable: false, ...options };
}
