/** What services are rendered with: the cloud to be, and what all services declare. */

import type {
  EndpointNeed,
  HttpFrontend,
  ProxiedFrontend,
  Retired,
  ServiceDeclaration,
} from './declaration.ts';
import type { NetworkDriver } from './network-driver.ts';
import type { OfferName, Offers } from './offers.ts';
import type { OsloSections } from './oslo.ts';
import type { CatalogueEndpoint } from './task.ts';

/** Addresses of the external network: the pool is the cloud's to give. */
export interface ExternalRange {
  /** CIDR, such as 10.29.29.0/24. */
  subnet: string;
  gateway: string;
  pool: { start: string; end: string };
}

/** What the catalogue may know of the cloud to be: plain data, resolved from cloud.yaml. */
export interface CloudFacts {
  cloud: string;
  region: string;
  release: string;
  publicAddress: string;
  /** Host part of public URLs. */
  publicHost: string;
  /** Where servers reach front ends that are for them (`forServers`); undefined where that is the public address. */
  serversAddress: string | undefined;
  /** Public ports by name of the front end, where they are not the standard ones. */
  publicPorts: Record<string, number>;
  debug: boolean;
  /** Cores of the smallest machine that control processes run on. */
  cores: number;
  /** Machines that control processes run on. */
  controlNodes: number;
  /** Names of the nodes that gateways to the external network are on; empty means all that servers run on. */
  networkNodes: readonly string[];
  /** What makes the name of a process complete where search domains are not used; empty, or with a leading dot. */
  domain: string;
  /** What follows PROCESS-ORDINAL in the name of an instance (see EngineFacts); undefined where clusters are single. */
  instanceDomain: string | undefined;
  /** What guests ask for names where their subnet does not say; empty means what Neutron's API itself asks. */
  nameServers: readonly string[];
  /** The network outside of the cloud that the engine makes on this machine, or that an interface leads to. */
  external: ExternalRange;
  /** PEM of the front door's certificate chain and key, and of the authority that signed it. */
  certificate: { chainAndKey: string; authority: string };
}

/** What a service declares itself from. */
export interface DeclareContext<Settings = unknown> extends CloudFacts {
  /** Its own settings in cloud.yaml. */
  settings: Settings;
}

/** A name that a user is let in by, and the secret that is its key. */
export interface Login {
  login: string;
  secret: string;
}

export interface RenderContext<Settings = unknown> extends DeclareContext<Settings> {
  /** Every declaration of the services that are on. */
  declared: Required<ServiceDeclaration>;
  retired: Retired;
  secret(name: string): string;
  /** A secret that is a key, before others that it takes turns with while it is rotated (see SecretRotation). */
  keys(name: string): string[];
  /** What a user that the service itself lets in, or another service's own, logs in as now; the login in use is first. */
  logins(user: string, secret: string): [Login, ...Login[]];
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
  /** What a service that is on gives; undefined where none does. */
  offered<Name extends OfferName>(name: Name): Offers[Name] | undefined;
  /** Throws where no service of the cloud has the one that cloud.yaml names. */
  networkDriver(): NetworkDriver;
}

/** Where users reach a front end, of which `port` is the public port unless cloud.yaml says another. */
export function publicUrl(
  facts: Pick<CloudFacts, 'publicHost' | 'publicPorts'>,
  frontend: string,
  port: number,
  path = '',
): string {
  return `https://${facts.publicHost}:${facts.publicPorts[frontend] ?? port}${path}`;
}

/** The same as servers reach it, for a front end that is for them. */
export function serversUrl(
  facts: Pick<CloudFacts, 'serversAddress' | 'publicHost' | 'publicPorts'>,
  frontend: string,
  port: number,
  path = '',
): string {
  return publicUrl({ ...facts, publicHost: facts.serversAddress ?? facts.publicHost }, frontend, port, path);
}

/** Turns an endpoint a service needs into the entry of Keystone's catalogue. */
export function catalogueEndpoint(
  { service, type, description, frontend: name, path }: EndpointNeed,
  context: Pick<RenderContext, 'declared' | 'publicHost' | 'publicPorts'>,
): CatalogueEndpoint {
  const frontend = context.declared.frontends
    .filter((one): one is HttpFrontend => one.kind === 'http')
    .find((one) => one.name === name);
  if (frontend?.publicPort === undefined)
    throw new Error(`no service declares a public front end ${name} for HTTP`);
  return {
    service,
    type,
    description,
    publicUrl: publicUrl(context, name, frontend.publicPort, path),
    internalUrl: `http://${name}:${frontend.port}${path}`,
  };
}

/** True where the cloud has, or may get, several nodes: an engine that gives instances their places has them on nodes. */
export function spansNodes({ instanceDomain }: Pick<CloudFacts, 'instanceDomain'>): boolean {
  return instanceDomain !== undefined;
}

/** The front ends that HAProxy carries: all but those for UDP, and without leaders of what is single. */
export function proxiedFrontends({
  declared,
  replicas,
}: Pick<RenderContext, 'declared' | 'replicas'>): ProxiedFrontend[] {
  return declared.frontends
    .filter((one): one is ProxiedFrontend => one.kind !== 'udp')
    .filter(({ kind, process }) => kind !== 'leader' || replicas(process) > 1);
}
