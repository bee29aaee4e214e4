import type { CloudResources, InstanceResources } from '../cloud/resources.ts';
import { drawNode } from './cpu-picture.ts';
import { type Column, formatTable } from './table.ts';

/** Pictures of nodes are as wide as this where the output goes to no terminal. */
const USUAL_WIDTH = 80;

/** For `status --resources`: a line for each process, then a picture of each node. */
export function formatResources(
  { processes, nodes, unknown }: CloudResources,
  width = (process.stdout.isTTY && process.stdout.columns) || USUAL_WIDTH,
): string {
  return `${[
    ...(processes.length > 0 ? [formatProcesses(processes)] : []),
    sumUp(processes),
    ...nodes.map((node) => `${node.node ?? 'This machine'}:\n${drawNode(node, width)}`),
    ...unknown,
  ].join('\n\n')}\n`;
}

function formatProcesses(processes: readonly InstanceResources[]): string {
  const onNodes = processes.some(({ node }) => node !== undefined);
  const columns: Column[] = [
    { title: 'SERVICE', spare: 2 },
    'PROCESS',
    ...(onNodes ? ['NODE'] : []),
    'MEMORY',
    'AT MOST',
    'CPUS',
    'AT MOST',
    'RUNS ON',
    { title: 'MEMORY OF NUMA', spare: 1 },
  ];
  const rows = processes.map(({ service, process, node, limits, uses }) => [
    service,
    process,
    ...(onNodes ? [node ?? ''] : []),
    memory(uses?.memoryMiB),
    memory(limits.memoryMiB),
    cpus(uses?.cpus),
    limits.cpus === undefined ? '' : `${limits.cpus}${limits.guaranteed ? ', guaranteed' : ''}`,
    limits.cpuset ?? '',
    limits.numaNodes ?? '',
  ]);
  // A column that nothing is in says nothing.
  const kept = columns.map((_, index) => rows.some((row) => row[index] !== ''));
  return formatTable(
    columns.filter((_, index) => kept[index]),
    rows.map((row) => row.filter((_, index) => kept[index])),
  );
}

function sumUp(processes: readonly InstanceResources[]): string {
  const known = processes.flatMap(({ uses }) => uses ?? []);
  const total = (key: 'memoryMiB' | 'cpus') => known.reduce((sum, uses) => sum + (uses[key] ?? 0), 0);
  const who = known.length === 1 ? '1 process uses' : `${known.length} processes use`;
  return `${who} ${memory(total('memoryMiB'))} and ${cpus(total('cpus'))} CPUs`;
}

function memory(mebibytes: number | undefined): string {
  if (mebibytes === undefined) return '';
  return mebibytes < 1024 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

function cpus(busy: number | undefined): string {
  return busy === undefined ? '' : busy.toFixed(2);
}
