import { type Frontend, protocolOf } from '../../../src/model/declaration.ts';
import { type Process, type Protocol, portKey } from '../../../src/model/workload.ts';
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
  const fronts = cloud.declared.frontends.filter(({ kind }) => kind !== 'udp').map(({ port }) => port);
  return [
    ...within,
    ...repeated(published).map((port) => `public port ${port} is held twice`),
    ...repeated(fronts).map((port) => `two front ends are at port ${port}`),
  ];
}

/** Ports below this are root's, except where an engine says otherwise. */
const UNPRIVILEGED = 1024;

export function findWrongPorts({ desired }: RenderedCloud): string[] {
  return desired.processes.flatMap((process) => {
    const numbers = process.ports.flatMap(({ port, publicPort = port }) => [port, publicPort]);
    const isRoot = process.user.startsWith('0:');
    return [
      ...process.ports
        .filter(({ port }) => port < UNPRIVILEGED && !isRoot)
        .map((port) => `${process.name} holds ${portKey(port)}, which not every engine lets its user open`),
      ...numbers
        .filter((port) => !Number.isInteger(port) || port < 1 || port > 65_535)
        .map((port) => `${process.name} holds ${port}, which is no port`),
      ...repeated(process.ports.map(({ name }) => name)).map(
        (name) => `${process.name} has two ports with the name ${name}`,
      ),
    ];
  });
}

/** A front end leads to a port that its process has, in its protocol, and to users by one name and one port. */
export function findWrongFrontends({ declared, desired }: RenderedCloud): string[] {
  const { frontends } = declared;
  const named = (protocol: Protocol) =>
    frontends.filter((one) => protocolOf(one) === protocol).map(({ name }) => name);
  const publicPorts = new Map(frontends.map(({ name, publicPort }) => [name, publicPort]));
  return [
    ...frontends.flatMap((frontend) => {
      const why = explainFrontend(frontend, desired.processes);
      return why ? [`the front end ${frontend.name} is for ${why}`] : [];
    }),
    ...repeated(named('tcp')).map((name) => `two front ends for TCP have the name ${name}`),
    ...repeated(named('udp')).map((name) => `two front ends for UDP have the name ${name}`),
    ...frontends
      .filter(({ name, publicPort }) => publicPorts.get(name) !== publicPort)
      .map(({ name }) => `the front ends ${name} have not the same public port`),
  ];
}

function explainFrontend(frontend: Frontend, processes: readonly Process[]): string | undefined {
  const { process: name, port, processPort = port } = frontend;
  const process = processes.find((one) => one.name === name);
  if (!process) return `${name}, which does not exist`;
  const protocol = protocolOf(frontend);
  if (protocol === 'udp' && process.needs.hostNetwork) return `${name}, which users reach at the node itself`;
  const wanted = [portKey({ port: processPort, protocol })];
  if (frontend.kind === 'leader' && process.replicas > 1) wanted.push(portKey(frontend.check));
  const missing = wanted.find((key) => !process.ports.some((one) => portKey(one) === key));
  return missing && `port ${missing} of ${name}, which does not listen there`;
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
