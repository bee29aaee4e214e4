import type { CloudConfig } from '../../../src/config/schema.ts';
import type { ServiceDefinition } from '../../../src/model/service.ts';
import { declarationOf } from '../../../src/resolve/desired.ts';
import { type CloudInput, isOfCloud, type RenderedCloud, renderCloud, replacedBetween } from '../cloud.ts';

type Services = ServiceDefinition[];

/** The same input gives the same cloud. */
export function findRandomness(services: Services): string[] {
  const [one, other] = [renderCloud(services).desired, renderCloud(services).desired];
  const parts = ['processes', 'jobs', 'tasks', 'volumes', 'networks', 'ledger'] as const;
  return parts
    .filter((part) => JSON.stringify(one[part]) !== JSON.stringify(other[part]))
    .map((part) => `${part} differ when rendered again`);
}

/** Names and public ports of front ends depend on no fact and no setting, which are checked against them. */
export function findDependentFrontends(services: Services, cloud: RenderedCloud): string[] {
  const facts = { ...cloud.facts, publicHost: 'other.test', cores: 64, debug: true };
  const names = (service: ServiceDefinition, with_: RenderedCloud['facts']) =>
    (declarationOf(service, with_, cloud.config).frontends ?? [])
      .map(({ name, publicPort }) => `${name} ${publicPort}`)
      .join();
  return services
    .filter((service) => names(service, facts) !== names(service, cloud.facts))
    .map((service) => `front ends of ${service.name} depend on the cloud`);
}

/** A process has the replicas and workers of cloud.yaml exactly where its service says that it may. */
export function findWrongCounts(services: Services, settings: CloudInput['settings'] = {}): string[] {
  const before = renderCloud(services, { settings });
  return before.services.flatMap((service) =>
    Object.entries(service.processNames).flatMap(([name, traits]) => {
      if (!isOfCloud(before, traits)) return [];
      const { replicas, workers = false, bySettings = false } = traits;
      if (bySettings && !before.desired.processes.some((one) => one.name === name)) return [];
      const scaled = renderCloud(services, {
        settings,
        config: { replicas: { [name]: 3 } },
        facts: { instanceDomain: '.{process}-peers.test' },
      }).desired.processes;
      const given = scaled.find((one) => one.name === name)?.replicas;
      const replaced = replacedBetween(
        before,
        renderCloud(services, { settings, config: { workers: { [name]: 7 } } }),
      );
      return [
        ...(replicas && given !== 3 ? [`${name} does not take its replicas from cloud.yaml`] : []),
        ...(workers !== replaced.includes(name)
          ? [`${name} ${workers ? 'takes no workers' : 'takes workers, unsaid,'} from cloud.yaml`]
          : []),
        ...replaced.filter((other) => other !== name).map((other) => `workers of ${name} replace ${other}`),
      ];
    }),
  );
}

/** A file of cloud.yaml's `config` reaches processes: an option that all of them read replaces them, and no job. */
export function findUnreadConfigFiles(services: Services): string[] {
  const before = renderCloud(services);
  return services.flatMap((service) =>
    Object.keys(service.configFiles ?? {}).flatMap((file) => {
      const config: CloudConfig['config'] = { [file]: { DEFAULT: { log_date_format: 'changed' } } };
      const after = renderCloud(services, { config: { config } });
      const readers = after.desired.processes
        .filter((one) => one.files.some(({ path }) => path.endsWith(`/${file}`)))
        .map((one) => one.name);
      const replaced = replacedBetween(before, after);
      return [
        ...readers.filter((name) => !replaced.includes(name)).map((name) => `${name} ignores ${file}`),
        ...replaced
          .filter((name) => !readers.includes(name))
          .map((name) => `an option of every process that reads ${file} also replaces ${name}`),
      ];
    }),
  );
}

/** Names of processes and jobs that a change of the input replaces or runs again. */
export function replacedBy(services: Services, input: CloudInput): string[] {
  return replacedBetween(renderCloud(services), renderCloud(services, input)).sort();
}
