import { parseCpuList } from './cpu-list.ts';

/** The CPUs of a node, and of each of its NUMA nodes, by number. */
export interface NodeCpus {
  /** Those that are online. */
  cpus: number[];
  /** Those that have any; empty where the kernel knows of none. */
  numaNodes: { number: number; cpus: number[] }[];
}

/** Run in any container of a node: sysfs is the node's (https://docs.kernel.org/admin-guide/cputopology.html). */
export const tellNodeCpus = [
  'sh',
  '-c',
  'cd /sys/devices/system && cat cpu/online && { grep -Hs . node/node*/cpulist || true; }',
] as const;

/** What that writes; undefined where it is something else. */
export function parseNodeCpus(text: string): NodeCpus | undefined {
  const [first = '', ...others] = text.trim().split('\n');
  const cpus = parseCpuList(first);
  if (!cpus) return undefined;
  const numaNodes = others
    .map((line) => /^node\/node(\d+)\/cpulist:(\S+)$/.exec(line) ?? [])
    .map(([, number, list = '']) => ({ number: Number(number), cpus: parseCpuList(list) ?? [] }))
    .filter((node) => node.cpus.length > 0)
    .sort((a, b) => a.number - b.number);
  return { cpus, numaNodes };
}

/** The CPUs that the process which asks may run on: within a container, those of it (proc(5)). */
export const tellOwnCpus = [
  'sed',
  '-n',
  's/^Cpus_allowed_list:[[:space:]]*//p',
  '/proc/self/status',
] as const;
