import { OTHERS } from '../config/known.ts';
import { externalRegistry } from '../config/registry.ts';
import type { CloudConfig } from '../config/schema.ts';
import { GantryError } from '../errors.ts';
import { nthAddress } from '../model/cidr.ts';
import { type CloudFacts, catalogueEndpoint, type RenderContext } from '../model/context.ts';
import { mergeDeclarations, type ServiceDeclaration } from '../model/declaration.ts';
import type { Desired, DesiredImage, TakenByGantry } from '../model/desired.ts';
import type { OsloSections } from '../model/oslo.ts';
import type { ProcessTraits, RenderedService, ServiceDefinition } from '../model/service.ts';
import { taking } from '../model/take.ts';
import type { Job, Process, Ref } from '../model/workload.ts';
import { spreadOverDevices } from './devices.ts';
import { networkDriverOf } from './enabled.ts';
import { limitsOf } from './limits.ts';
import { loginsOf, type Turn, takeTurns } from './logins.ts';
import { settingsOf } from './settings.ts';

export interface RenderInput {
  config: CloudConfig;
  facts: CloudFacts;
  /** The services that are on. */
  services: ServiceDefinition[];
  /** Value of a secret by name. */
  secret: (name: string) => string;
  /** Where the turns of a user's logins stand; undefined where its password was never changed. */
  turn?: (secret: string) => Turn | undefined;
  /** The whole image graph. */
  images: DesiredImage[];
  /** Images to have besides those that containers run from. */
  extraImages?: string[];
}

/** What one service of the cloud declares. */
export function declarationOf(
  service: ServiceDefinition,
  facts: CloudFacts,
  config: CloudConfig,
): ServiceDeclaration {
  return service.declare({ ...facts, settings: settingsOf(service, config) });
}

/** What all services of the cloud declare, together. */
export function declarations(
  services: ServiceDefinition[],
  facts: CloudFacts,
  config: CloudConfig,
): Required<ServiceDeclaration> {
  return mergeDeclarations(...services.map((service) => declarationOf(service, facts, config)));
}

/** The cloud as it should be. Pure: the same input gives the same output. */
export function renderDesired(input: RenderInput): Desired {
  const { config, facts, services } = input;
  const context = renderContext(input);
  const rendered = services.map((service) =>
    service.render({ ...context, settings: settingsOf(service, config) }),
  );
  const processes = rendered
    .flatMap((one) => one.processes)
    .filter(({ replicas, perDevice }) => replicas > 0 && perDevice?.devices.length !== 0)
    .map((process) => withPublishedUdp(process, context))
    .map((process) => withInstanceNames(process, input));
  const jobs = rendered.flatMap((one) => one.jobs);
  const tasks = rendered.flatMap((one) => one.tasks);
  const registry = externalRegistry(config);
  const imageRegistry = services.find((service) => service.imageRegistry)?.imageRegistry;
  const present = presentRefs({ processes, jobs, tasks });
  const keep = <W extends { after: Ref[] }>(workload: W): W => ({
    ...workload,
    after: workload.after.filter((ref) => present.has(ref) || !isSwitchedOff(ref, rendered)),
  });

  const limit = <W extends Process | Job>(workload: W, name = workload.name): W => ({
    ...workload,
    resources: { ...workload.resources, ...limitsOf(config, name) },
  });
  const limitAll = <W extends Process | Job>(workload: W): W => limit(limit(workload, OTHERS));
  const all = spreadOverDevices({
    processes: processes.map(keep).map(limitAll),
    jobs: jobs.map(keep).map(limitAll),
    tasks: tasks.map(keep),
  });
  // What cloud.yaml says of an instance wins over what it says of all of them.
  const spread = { ...all, processes: all.processes.map((one) => (one.instanceOf ? limit(one) : one)) };

  return {
    cloud: facts.cloud,
    images: neededImages(input.images, [
      ...processes.map((process) => process.image),
      ...jobs.map((job) => job.image),
      ...(input.extraImages ?? []),
    ]).map((image) => ({
      ...image,
      ...(registry ? { registry } : {}),
    })),
    networks: [
      {
        name: 'internal',
        role: 'internal',
        subnet: config.network.internal,
        gateway: nthAddress(config.network.internal, 1),
      },
      ...(hasWire(context.declared)
        ? []
        : [
            {
              name: 'external',
              role: 'external' as const,
              subnet: config.network.external.subnet,
              gateway: config.network.external.gateway,
              nat: config.network.external.nat,
            },
          ]),
    ],
    volumes: [
      ...new Set(
        [...spread.processes, ...spread.jobs].flatMap((one) => one.volumes.map(({ volume }) => volume)),
      ),
    ].sort(),
    ...spread,
    endpoints: context.declared.endpoints.map((endpoint) => catalogueEndpoint(endpoint, context)),
    ledger: services.map((service) => service.ledger).find((found) => found),
    ...(imageRegistry ? { registry: imageRegistry } : {}),
    ...takenByGantry(context),
    publicAddress: facts.publicAddress,
    ...(context.serversAddress ? { serversAddress: context.serversAddress } : {}),
  };
}

/** The switch has an interface of the node for the external network: the engine makes none. */
function hasWire({ wires }: Pick<RenderContext['declared'], 'wires'>): boolean {
  return wires.some((wire) => wire.interface !== undefined);
}

/** What all services are rendered with; each has its own settings beside it. */
function renderContext({ config, facts, services, secret, turn }: RenderInput): RenderContext<undefined> {
  const traits = Object.assign({}, ...services.map((service) => service.processNames)) as Record<
    string,
    ProcessTraits
  >;
  const replicas: RenderContext['replicas'] = (process, byDefault = facts.controlNodes >= 3 ? 3 : 1) =>
    traits[process]?.cluster && facts.instanceDomain === undefined
      ? 1
      : (config.replicas[process] ?? byDefault);
  const instances: RenderContext['instances'] = (process) => {
    const domain = (facts.instanceDomain ?? '').replaceAll('{process}', process);
    return Array.from({ length: replicas(process) }, (_, ordinal) => `${process}-${ordinal}${domain}`);
  };
  const declared = declarations(services, facts, config);
  const context: RenderContext<undefined> = {
    ...facts,
    settings: undefined,
    ...takeTurns(declared, turn ?? (() => undefined)),
    serversAddress: hasWire(declared) ? undefined : facts.serversAddress,
    secret,
    keys: (name) => [secret(name), ...(turn?.(name)?.both ? [secret(`${name}.other`)] : [])],
    logins: (user, name) => loginsOf(user, name, turn?.(name)),
    workers: (process, byDefault) => config.workers[process] ?? byDefault,
    replicas,
    instances,
    hosts: (process) => (replicas(process) > 1 ? instances(process) : [`${process}${facts.domain}`]),
    overrides: (file, process) => overridesFor(config, services, file, process),
    offered: (name) => {
      const giver = services.find(({ gives }) => gives?.[name] !== undefined);
      const give = giver?.gives?.[name];
      return give && taking({ ...context, settings: settingsOf(giver, config) }, give);
    },
    networkDriver: () => networkDriverOf(services, config),
  };
  return context;
}

function takenByGantry({ offered }: RenderContext): TakenByGantry {
  const taken: { [Name in keyof TakenByGantry]: TakenByGantry[Name] | undefined } = {
    identity: offered('identity')?.login,
    frontDoor: offered('frontDoor')?.process,
    openstackClient: offered('openstackClient')?.process,
    hypervisor: offered('hypervisor')?.access,
    compute: offered('compute')?.traces,
    volumeRecords: offered('compute')?.volumeRecords,
    blockStorage: offered('blockStorage')?.traces,
    volumeConnections: offered('blockStorage')?.connections,
    objectStore: offered('objectStore')?.settling,
    containerRegistry: offered('containerRegistry')?.access,
    dashboard: offered('dashboard')?.url,
    imageStore: offered('imageStore')?.urls,
    eventLog: offered('eventLog')?.log,
    monitoring: offered('monitoring')?.access,
  };
  return Object.fromEntries(Object.entries(taken).filter(([, part]) => part !== undefined));
}

/** What cloud.yaml sets in a file, without the groups that other processes alone read. */
function overridesFor(
  config: CloudConfig,
  services: ServiceDefinition[],
  file: string,
  process: string,
): OsloSections {
  const readers =
    services.map((service) => service.configFiles?.[file]?.groupReaders).find((found) => found) ?? {};
  return Object.fromEntries(
    Object.entries(config.config[file] ?? {}).filter(([group]) => readers[group]?.includes(process) ?? true),
  ) as OsloSections;
}

/** What forms clusters is told apart by name, where the engine gives instances names. */
function withInstanceNames(process: Process, { facts, services }: RenderInput): Process {
  const kinds = services.map((service) => service.processNames[process.name]?.cluster ?? 'alike');
  const forms = kinds.some((kind) => kind !== 'alike');
  if (!forms || facts.instanceDomain === undefined) return process;
  return { ...process, needs: { ...process.needs, instanceNames: true } };
}

/** HAProxy carries no UDP: the process itself publishes what users reach over it. */
function withPublishedUdp(process: Process, { declared, publicPorts }: RenderContext): Process {
  const frontends = declared.frontends.filter((one) => one.kind === 'udp' && one.process === process.name);
  const ports = process.ports.map((port) => {
    const frontend = frontends.find((one) => port.protocol === 'udp' && one.port === port.port);
    return frontend ? { ...port, publicPort: publicPorts[frontend.name] ?? frontend.publicPort } : port;
  });
  return { ...process, ports };
}

function presentRefs({ processes, jobs, tasks }: RenderedService): Set<Ref> {
  return new Set<Ref>([
    ...processes.flatMap(({ name }): Ref[] => [`process:${name}`, `retired:${name}`]),
    ...jobs.map((job): Ref => `job:${job.name}`),
    ...tasks.map((task): Ref => `task:${task.name}`),
  ]);
}

/** True for a process that exists in the catalogue but runs no replica; anything else unknown is the planner's to report. */
function isSwitchedOff(ref: Ref, rendered: RenderedService[]): boolean {
  return rendered.some((one) =>
    one.processes.some(({ name }) => ref === `process:${name}` || ref === `retired:${name}`),
  );
}

function neededImages(graph: DesiredImage[], wanted: string[]): DesiredImage[] {
  const byName = new Map(graph.map((image) => [image.name, image]));
  const needed = new Set<string>();
  const add = (name: string, by: string): void => {
    if (needed.has(name)) return;
    const image = byName.get(name);
    if (!image) {
      throw new GantryError({
        code: 'catalogue.unknown-image',
        whose: 'bug',
        message: `${by} needs an image ${name}, which is nowhere in the catalogue`,
      });
    }
    needed.add(name);
    for (const parent of image.parents) add(parent, name);
  };
  for (const name of wanted) add(name, 'a workload');
  return graph.filter((image) => needed.has(image.name));
}
