import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudConfig } from '../../src/config/schema.ts';
import { cloudSchema } from '../../src/config/schema.ts';
import type { CloudFacts } from '../../src/model/context.ts';
import type { ServiceDeclaration } from '../../src/model/declaration.ts';
import type { Desired, DesiredImage } from '../../src/model/desired.ts';
import { releases } from '../../src/model/releases.ts';
import type { ServiceDefinition } from '../../src/model/service.ts';
import type { Process, RenderedFile, Workload } from '../../src/model/workload.ts';
import { type Identity, identityOf } from '../../src/plan/identity.ts';
import { declarations, renderDesired } from '../../src/resolve/desired.ts';
import { networkDriverOf } from '../../src/resolve/enabled.ts';
import type { Turn } from '../../src/resolve/logins.ts';
import { projectRoot } from '../../src/root.ts';

/** A catalogue rendered without secrets or machine of its own: what the rules of the conformance suite look at. */
export interface RenderedCloud {
  services: ServiceDefinition[];
  facts: CloudFacts;
  config: CloudConfig;
  declared: Required<ServiceDeclaration>;
  desired: Desired;
  /** Names of the secrets that rendering asked for. */
  askedSecrets: Set<string>;
}

export interface CloudInput {
  /** Settings of services, as cloud.yaml has them. */
  settings?: Record<string, unknown>;
  /** The services whose settings these may be, where the cloud has not all of them. */
  schemaOf?: ServiceDefinition[];
  config?: Partial<CloudConfig>;
  facts?: Partial<CloudFacts>;
  /** Value of a secret by name; `fakeSecret` where not given. */
  secret?: (name: string) => string;
  turn?: (secret: string) => Turn | undefined;
}

const facts: CloudFacts = {
  cloud: 'test',
  region: 'RegionOne',
  release: releases[0].name,
  publicAddress: '192.0.2.1',
  publicHost: '192.0.2.1',
  serversAddress: undefined,
  publicPorts: {},
  debug: false,
  cores: 2,
  controlNodes: 1,
  networkNodes: [],
  domain: '',
  instanceDomain: undefined,
  nameServers: [],
  external: {
    subnet: '198.51.100.0/24',
    gateway: '198.51.100.1',
    pool: { start: '198.51.100.20', end: '198.51.100.200' },
  },
  certificate: { chainAndKey: 'certificate and key\n', authority: 'authority\n' },
};

/** The value a secret has here: nothing else in a cloud contains it. */
export function fakeSecret(name: string): string {
  return `FAKE/${name}/SECRET`;
}

/**
 * Every service with every process that can be switched on, so that the rules see all there is, but for what is in the place
 * of one of them.
 */
export function renderCloud(all: ServiceDefinition[], input: CloudInput = {}): RenderedCloud {
  const askedSecrets = new Set<string>();
  const config = { ...cloudSchema(input.schemaOf ?? all).parse(input.settings ?? {}), ...input.config };
  const services = all.filter(({ inPlaceOf }) => !all.some(({ name }) => name === inPlaceOf));
  const allFacts = { ...facts, ...input.facts };
  const scalable = services.flatMap((service) =>
    Object.entries(service.processNames)
      .filter(([, { replicas }]) => replicas)
      .map(([name]) => [name, 1]),
  );
  const desired = renderDesired({
    config: { ...config, replicas: { ...Object.fromEntries(scalable), ...config.replicas } },
    facts: allFacts,
    services,
    secret: (name) => {
      askedSecrets.add(name);
      return (input.secret ?? fakeSecret)(name);
    },
    ...(input.turn ? { turn: input.turn } : {}),
    images: catalogueImages(),
  });
  const declared = declarations(services, allFacts, config);
  return { services, facts: allFacts, config, declared, desired, askedSecrets };
}

/** The images of the catalogue's folders, unbuilt. */
function catalogueImages(): DesiredImage[] {
  const catalogue = join(projectRoot(), 'catalogue');
  return readdirSync(catalogue, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('image.yaml'))
    .map((path) => path.split('/').at(-2) as string)
    .sort()
    .map((name) => ({ name, hash: '0'.repeat(12), reference: `${name}:test`, parents: [] }));
}

/** True for what is there with the cloud's network driver: whatever belongs to none, and what belongs to this one. */
export function isOfCloud(
  { services, config }: RenderedCloud,
  { ofNetworkDriver }: { ofNetworkDriver?: string },
): boolean {
  return ofNetworkDriver === undefined || ofNetworkDriver === networkDriverOf(services, config).name;
}

export function workloadsOf({ desired }: RenderedCloud): Workload[] {
  return [...desired.processes, ...desired.jobs];
}

/** Files of what runs outside of the cloud with what that gives. */
export function filesOutside({ desired }: RenderedCloud): RenderedFile[] {
  return desired.containerRegistry?.elsewhere ?? [];
}

/** Identities of processes and jobs by name. */
function identitiesOf(cloud: RenderedCloud): Record<string, Identity> {
  const entries = workloadsOf(cloud).map((one) => [one.name, identityOf(one, `${one.image}:test`)] as const);
  return Object.fromEntries(entries);
}

/** Names of processes and jobs that `after` would replace or run again. */
export function replacedBetween(before: RenderedCloud, after: RenderedCloud): string[] {
  const [old, wanted] = [identitiesOf(before), identitiesOf(after)];
  return Object.keys(wanted).filter((name) => old[name]?.identity !== wanted[name]?.identity);
}

/** Processes by the network namespace they live in: their own, or the node's. */
export function networkNamespaces({ desired }: RenderedCloud): Map<string, Process[]> {
  const namespaces = new Map<string, Process[]>();
  for (const process of desired.processes) {
    const name = process.needs.hostNetwork ? "the node's network" : process.name;
    namespaces.set(name, [...(namespaces.get(name) ?? []), process]);
  }
  return namespaces;
}

/** Values that occur more than once. */
export function repeated<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
