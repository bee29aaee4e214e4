import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Known, OsloOptions, PublicEndpoint } from '../config/known.ts';
import { type CloudConfig, cloudSchema } from '../config/schema.ts';
import type { CloudFacts } from '../model/context.ts';
import { protocolOf } from '../model/declaration.ts';
import { instanceName } from '../model/per-device.ts';
import { releases } from '../model/releases.ts';
import type { ServiceDefinition } from '../model/service.ts';
import { declarationOf } from './desired.ts';
import { settingsOf } from './settings.ts';

/**
 * The names that cloud.yaml may use. Option data of a configuration file is read when it is asked for: most
 * clouds set no option at all.
 */
export function knownNames(root: string, services: ServiceDefinition[], release = releases[0].name): Known {
  const processes = services.flatMap((service) => Object.entries(service.processNames));
  const optionData = optionDataOf(services, release);
  return {
    // The registry is chosen by images.registry.
    services: services.filter(({ imageRegistry }) => !imageRegistry).map((service) => service.name),
    servicesByDefault: services.filter(({ byDefault }) => byDefault).map(({ name }) => name),
    processesOf: Object.fromEntries(
      services
        .filter(({ imageRegistry }) => !imageRegistry)
        .map(({ name, processNames }) => [name, Object.keys(processNames)] as const),
    ),
    requiredServices: services.filter(({ required }) => required).map(({ name }) => name),
    processes: processes.map(([name]) => name),
    perDevice: processes.filter(([, { perDevice }]) => perDevice).map(([name]) => name),
    scalable: processes.filter(([, { replicas }]) => replicas).map(([name]) => name),
    optionalProcesses: processes.filter(([, { optional }]) => optional).map(([name]) => name),
    clusters: Object.fromEntries(
      processes.flatMap(([name, { cluster }]) => (cluster ? [[name, cluster] as const] : [])),
    ),
    withWorkers: processes.filter(([, { workers }]) => workers).map(([name]) => name),
    endpoints: publicEndpoints(services),
    volumes: services.flatMap((service) => service.dataVolumes ?? []),
    configFiles: configFiles(root, optionData),
    optionData,
  };
}

/** What there is in this cloud of the processes that run once for each device. */
export function instanceNames(services: ServiceDefinition[], config: CloudConfig): Known['instances'] {
  const spread = services.flatMap((service) =>
    Object.entries(service.processNames).flatMap(([name, { perDevice }]) =>
      perDevice ? [[name, perDevice(settingsOf(service, config))] as const] : [],
    ),
  );
  return Object.fromEntries(
    spread.map(([name, devices]) => [name, devices.map((device) => instanceName(name, device))]),
  );
}

/**
 * Facts of no cloud in particular. Names of front ends depend on no fact, which the conformance suite checks:
 * cloud.yaml is checked against them before there are facts.
 */
const anyFacts: CloudFacts = {
  cloud: '',
  region: '',
  release: '',
  publicAddress: '',
  publicHost: '',
  serversAddress: undefined,
  publicPorts: {},
  debug: false,
  cores: 1,
  controlNodes: 1,
  networkNodes: [],
  domain: '',
  instanceDomain: undefined,
  nameServers: [],
  external: { subnet: '', gateway: '', pool: { start: '', end: '' } },
  certificate: { chainAndKey: '', authority: '' },
};

function publicEndpoints(services: ServiceDefinition[]): NonNullable<Known['endpoints']> {
  const config = cloudSchema(services).parse({});
  const endpoints: Record<string, PublicEndpoint> = {};
  for (const service of services) {
    for (const frontend of declarationOf(service, anyFacts, config).frontends ?? []) {
      const { name, publicPort: port } = frontend;
      if (port === undefined) continue;
      const protocols = [...(endpoints[name]?.protocols ?? []), protocolOf(frontend)];
      endpoints[name] = { port, protocols, service: service.name };
    }
  }
  return endpoints;
}

function optionDataOf(services: ServiceDefinition[], release: string): Record<string, string> {
  const data = services.flatMap(({ name, configFiles = {} }) =>
    Object.keys(configFiles).map(
      (file) => [file, join('catalogue', name, `options.${release}.json`)] as const,
    ),
  );
  return Object.fromEntries(data);
}

function configFiles(root: string, optionData: Record<string, string>): Known['configFiles'] {
  const files: Known['configFiles'] = {};
  for (const [name, path] of Object.entries(optionData)) {
    const get = (): OsloOptions | undefined => readOptions(join(root, path))?.[name];
    Object.defineProperty(files, name, { enumerable: true, get });
  }
  return files;
}

function readOptions(path: string): Record<string, OsloOptions> | undefined {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, OsloOptions>;
}
