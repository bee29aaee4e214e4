import { type Process, portKey } from '../../../src/model/workload.ts';
import { networkNamespaces, type RenderedCloud, repeated } from '../cloud.ts';

/** A port is held once for each protocol: in each network namespace, and in public. */
export function findRepeatedPorts(cloud: RenderedCloud): string[] {
  const within = [...networkNamespaces(cloud)].flatMap(([name, processes]) => {
    const ports = processes.flatMap((process) => process.ports.map(portKey));
    return repeated(ports).map((port) => `port ${port} is held twice in ${name}`);
  });
  const allPorts = cloud.desired.processes.flatMap((process) => process.ports);
  const published = allPorts.flatMap(({ publicPort, ...port }) =>
    publicPort ? portKey({ ...port, port: publicPort }) : [],
  );
  const fronts = cloud.declared.frontends.map(({ port }) => port);
  return [
    ...within,
    ...repeated(published).map((port) => `public port ${port} is held twice`),
    ...repeated(fronts).map((port) => `two front ends are at port ${port}`),
  ];
}

export function findWrongPorts({ desired }: RenderedCloud): string[] {
  return desired.processes.flatMap((process) => {
    const numbers = process.ports.flatMap(({ port, publicPort = port }) => [port, publicPort]);
    return [
      ...numbers
        .filter((port) => !Number.isInteger(port) || port < 1 || port > 65_535)
        .map((port) => `${process.name} holds ${port}, which is no port`),
      ...repeated(process.ports.map(({ name }) => name)).map(
        (name) => `${process.name} has two ports with the name ${name}`,
      ),
    ];
  });
}

/** A front end's process exists and listens there; an endpoint's front end exists and is public. */
export function findWrongEndpoints({ declared, desired }: RenderedCloud): string[] {
  const { endpoints, frontends } = declared;
  const fronts = frontends.flatMap(({ name, process, port }) => {
    const answering = desired.processes.find((one) => one.name === process);
    if (!answering) return [`the front end ${name} is for ${process}, which does not exist`];
    if (!answering.ports.some((one) => one.port === port)) {
      return [`the front end ${name} is for port ${port} of ${process}, which does not listen there`];
    }
    return [];
  });
  const wrong = endpoints.filter(
    (endpoint) =>
      !frontends.some((one) => one.public && one.name === endpoint.frontend && one.port === endpoint.port),
  );
  return [
    ...fronts,
    ...wrong.map(({ type, frontend, port }) => `endpoint ${type}: no public front end ${frontend}:${port}`),
  ];
}

/** Two of a kind run side by side, if only while one replaces the other: then neither may hold what is there once. */
export function findWrongUpdates({ desired, services }: RenderedCloud): string[] {
  const mayScale = (process: Process) =>
    services.some((service) => {
      const traits = service.processNames[process.name];
      return traits?.replicas === true && traits.cluster === undefined;
    });
  return desired.processes.flatMap((process) => {
    if (process.update !== 'rolling' && !mayScale(process)) return [];
    const holds = [
      ...process.ports.flatMap(({ publicPort }) => (publicPort ? [`public port ${publicPort}`] : [])),
      ...(process.needs.hostNetwork ? ["ports of the node's network"] : []),
    ];
    return holds.map((what) => `${process.name} may run twice, but holds ${what}`);
  });
}

export function findWrongHealthChecks({ desired }: RenderedCloud): string[] {
  return desired.processes.flatMap(({ name, health }) => {
    if (!health || health.command.length === 0) return [`${name} has no health check`];
    const times = [health.intervalSeconds, health.timeoutSeconds, health.startSeconds, health.retries];
    return times.every((time) => time > 0) ? [] : [`the health check of ${name} has a time of zero`];
  });
}
