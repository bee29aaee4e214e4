import type { Process, Workload } from '../../../src/model/workload.ts';
import { type RenderedCloud, workloadsOf } from '../cloud.ts';

/** What a workload says that it reaches exists, and it reaches whatever its files or its command name with a port. */
export function findWrongReach(cloud: RenderedCloud): string[] {
  const { processes } = cloud.desired;
  const named = new Map(processes.flatMap((one) => [one.name, ...one.aliases].map((name) => [name, one])));
  return workloadsOf(cloud).flatMap((workload) => {
    const reached = workload.reaches.map((name) => named.get(name));
    return [
      ...workload.reaches
        .filter((name) => !named.has(name))
        .map((name) => `${workload.name} reaches ${name}, which does not exist`),
      ...[...named]
        .filter(([name, process]) => process.name !== workload.name && names(workload, name, process))
        .filter(([, process]) => !reached.includes(process))
        .map(([name]) => `${workload.name} names ${name}, but does not say that it reaches it`),
    ];
  });
}

/** True where `name:port` is in it, with one of the ports of the process; a domain may follow the name. */
function names(workload: Workload, name: string, process: Process): boolean {
  const ports = process.ports.map(({ port }) => port).join('|');
  const pattern = new RegExp(`(?<![\\w.-])${name}(-\\d+)?(\\.[\\w.-]+)?:(${ports})\\b`);
  return (
    process.ports.length > 0 &&
    [...workload.command, ...workload.files.map(({ content }) => content)].some((text) => pattern.test(text))
  );
}
