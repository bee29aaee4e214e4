import type { Ref } from '../../../src/model/workload.ts';
import { instanceNames } from '../../../src/resolve/known.ts';
import { isOfCloud, type RenderedCloud, repeated, workloadsOf } from '../cloud.ts';

/** Names are unique: of services, of what runs, of what is declared. */
export function findRepeatedNames(cloud: RenderedCloud): string[] {
  const { declared, desired } = cloud;
  const processes = desired.processes.map((one) => one.name);
  const aliases = [...new Set(desired.processes.flatMap((one) => one.aliases))];
  const each = desired.processes.flatMap((one) => one.eachAs ?? []);
  const kinds: Record<string, string[]> = {
    service: cloud.services.map((one) => one.name),
    'process or job': workloadsOf(cloud).map((one) => one.name),
    task: desired.tasks.map((one) => one.name),
    'host name': [...processes, ...aliases, ...each],
    secret: declared.secrets.map((one) => one.name),
    database: declared.databases.map((one) => one.name),
    'watcher of the database': declared.databaseWatchers.map((one) => one.user),
    'source of metrics': declared.metricsSources.map((one) => one.name),
    'broker user': declared.brokerUsers.map((one) => one.user),
    account: declared.accounts.map((one) => one.user),
    'service type': declared.endpoints.map((one) => one.type),
  };
  return Object.entries(kinds).flatMap(([kind, names]) =>
    repeated(names).map((name) => `the ${kind} ${name} exists twice`),
  );
}

/** What a service says about its processes before rendering is what rendering gives. */
export function findWrongProcessNames(cloud: RenderedCloud): string[] {
  const { services, desired } = cloud;
  return services.flatMap((service) => {
    const said = Object.entries(service.processNames)
      .filter(([, traits]) => isOfCloud(cloud, traits))
      .map(([name]) => name);
    const given = desired.processes
      .filter((one) => one.service === service.name)
      .map((one) => one.instanceOf ?? one.name);
    const known = Object.values(instanceNames([service], cloud.config) ?? {}).flat();
    const instances = desired.processes
      .filter((one) => one.service === service.name && one.instanceOf !== undefined)
      .map((one) => one.name);
    return [
      ...(known.join() === instances.join()
        ? []
        : [`${service.name} names the instances ${known.join(', ')} and renders ${instances.join(', ')}`]),
      ...said
        .filter((name) => !given.includes(name))
        .filter((name) => !service.processNames[name]?.perDevice && !service.processNames[name]?.bySettings)
        .map((name) => `${service.name} names a process ${name} that it does not render`),
      ...given
        .filter((name) => !said.includes(name))
        .map((name) => `${service.name} renders a process ${name} that it does not name`),
    ];
  });
}

/** The volumes whose size may be said are those that belong to no node, nor stand for a device. */
export function findWrongDataVolumes(cloud: RenderedCloud): string[] {
  return cloud.services.flatMap((service) => {
    const own = workloadsOf(cloud).filter((one) => one.service === service.name);
    const given = own
      .filter((one) => one.kind === 'job' || one.instanceOf === undefined)
      .flatMap(({ volumes }) => volumes.filter(({ scope }) => scope !== 'node'));
    const names = new Set(given.map(({ volume }) => volume));
    const said = new Set(service.dataVolumes ?? []);
    return [
      ...[...said]
        .filter((name) => !names.has(name))
        .map((name) => `${service.name} names a volume ${name} that nothing of it mounts`),
      ...[...names]
        .filter((name) => !said.has(name))
        .map((name) => `${service.name} mounts a volume ${name} that it does not name`),
    ];
  });
}

/** Everything belongs to a service of the catalogue. */
export function findForeignWorkloads(cloud: RenderedCloud): string[] {
  const services = cloud.services.map((service) => service.name);
  return [...workloadsOf(cloud), ...cloud.desired.tasks]
    .filter((one) => !services.includes(one.service))
    .map((one) => `${one.name} belongs to ${one.service}, which is no service`);
}

/** Configuration files have readers, and groups with readers name processes that exist. */
export function findWrongConfigFiles(cloud: RenderedCloud): string[] {
  const { services, desired } = cloud;
  return services.flatMap((service) =>
    Object.entries(service.configFiles ?? {}).flatMap(([name, traits]) => {
      if (!isOfCloud(cloud, traits)) return [];
      const { groupReaders = {} } = traits;
      const readers = desired.processes.filter((one) =>
        one.files.some(({ path }) => path.endsWith(`/${name}`)),
      );
      const strangers = Object.entries(groupReaders).flatMap(([group, processes]) =>
        processes
          .filter((process) => !readers.some((one) => one.name === process))
          .filter((process) => !service.processNames[process]?.bySettings)
          .map((process) => `[${group}] of ${name} is said to be read by ${process}, which has no such file`),
      );
      return readers.length > 0 ? strangers : [`no process reads ${name} of ${service.name}`];
    }),
  );
}

/** What something comes after exists, and nothing comes after itself, directly or by way of others. */
export function findWrongOrder(cloud: RenderedCloud): string[] {
  const after = new Map<Ref, Ref[]>([
    ...cloud.desired.processes.flatMap((one): [Ref, Ref[]][] => [
      [`process:${one.name}`, one.after],
      [`retired:${one.name}`, [`process:${one.name}`]],
    ]),
    ...cloud.desired.jobs.map((one): [Ref, Ref[]] => [`job:${one.name}`, one.after]),
    ...cloud.desired.tasks.map((one): [Ref, Ref[]] => [`task:${one.name}`, one.after]),
  ]);
  const unknown = [...after].flatMap(([ref, refs]) =>
    refs.filter((one) => !after.has(one)).map((one) => `${ref} comes after ${one}, which does not exist`),
  );
  return [...unknown, ...findCycles(after)];
}

function findCycles(after: Map<Ref, Ref[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<Ref>();
  const visit = (ref: Ref, path: Ref[]): void => {
    const start = path.indexOf(ref);
    if (start >= 0) cycles.push(`${[...path.slice(start), ref].join(' comes after ')}`);
    if (start >= 0 || done.has(ref)) return;
    for (const one of after.get(ref) ?? []) visit(one, [...path, ref]);
    done.add(ref);
  };
  for (const ref of after.keys()) visit(ref, []);
  return cycles;
}
