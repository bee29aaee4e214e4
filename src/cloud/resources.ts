import type { Engine } from '../engine/engine.ts';
import { formatCpuList, normalCpuList, parseCpuList } from '../model/cpu-list.ts';
import type { CpuSet } from '../model/cpu-set.ts';
import { type NodeCpus, parseNodeCpus, tellNodeCpus, tellOwnCpus } from '../model/node-cpus.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { InstanceUsage } from '../model/usage.ts';
import type { Resources } from '../model/workload.ts';
import { cpuSetsOf } from '../resolve/cpu-sets.ts';
import { askInstance } from './ask.ts';
import type { Cloud } from './cloud.ts';

/** Longest time that an instance may take to answer, in milliseconds. */
const LIMIT = 5_000;

/** An instance with what it may have, and what it uses. */
export interface InstanceResources {
  service: string;
  process: string;
  node: string | undefined;
  /** As they are in force. */
  limits: Resources;
  /** Undefined where it does not run, or the engine does not know. */
  uses: InstanceUsage | undefined;
}

/** CPUs that are kept for somebody, and for whom. */
export interface CpuShare {
  cpus: string;
  whose: string[];
}

/** Which CPUs of a node serve what. */
export interface NodeShares extends NodeCpus {
  node: string | undefined;
  shares: CpuShare[];
  /** What runs wherever there is time. */
  elsewhere: { processes: number; others: string[] };
}

export interface CloudResources {
  processes: InstanceResources[];
  nodes: NodeShares[];
  /** Why something is not known, in words. */
  unknown: string[];
}

/** What processes may have and use, and which CPUs of each node are kept for whom. */
export async function readResources(
  cloud: Pick<Cloud, 'engine' | 'desired' | 'look' | 'services' | 'config'>,
): Promise<CloudResources> {
  const { engine, desired } = cloud;
  const instances = (await cloud.look()).instances.filter(
    ({ kind, leaving }) => kind === 'process' && !leaving,
  );
  const order = desired.processes.map(({ name }) => name);
  const sorted = instances.sort(
    (a, b) =>
      (a.node ?? '').localeCompare(b.node ?? '') ||
      order.indexOf(a.workload) - order.indexOf(b.workload) ||
      a.ordinal - b.ordinal,
  );
  const [usage, given, nodes] = await Promise.all([
    engine.readUsage(desired.cloud, sorted),
    readGivenCpus(engine, desired.cloud, sorted),
    readNodes(engine, desired.cloud, sorted),
  ]);
  const outside = desired.processes.filter(({ needs }) => needs.hostCgroup).map(({ name }) => name);
  const processes = sorted.map((instance) => ({
    service: instance.service,
    process: nameOf(instance, sorted),
    node: instance.node,
    limits: { ...instance.resources, ...given.get(instance.id) },
    uses: outside.includes(instance.workload) ? undefined : usage.instances.get(instance.id),
  }));
  const escaped = outside.filter((name) => sorted.some(({ workload }) => workload === name));
  const sets = cpuSetsOf(cloud.services, cloud.config);
  const silent = nodes.filter(({ cpus }) => cpus === undefined);
  return {
    processes,
    nodes: nodes.flatMap(({ node, cpus }) => {
      if (!cpus) return [];
      const here = (one: { node?: string | undefined }) => one.node === node;
      const present = new Set(sorted.filter(here).map(({ workload }) => workload));
      const own = sets.filter(({ process }) => present.has(process));
      return [shareCpus(node, cpus, { processes: processes.filter(here), sets: own })];
    }),
    unknown: [
      ...usage.unknown,
      ...(escaped.length > 0
        ? [
            `not known is what these use, as they run outside of their containers' control groups: ${escaped.join(', ')}`,
          ]
        : []),
      ...silent.map(
        ({ node }) => `which CPUs ${node ?? 'the machine'} has is not known: no process there answers`,
      ),
    ],
  };
}

function nameOf({ workload, ordinal }: ObservedInstance, all: readonly ObservedInstance[]): string {
  return all.filter((one) => one.workload === workload).length > 1 ? `${workload}-${ordinal}` : workload;
}

/** CPUs that a node itself has given to those that are guaranteed some: they are asked, nobody else knows. */
async function readGivenCpus(
  engine: Pick<Engine, 'exec'>,
  cloud: string,
  instances: readonly ObservedInstance[],
): Promise<Map<string, Pick<Resources, 'cpuset'>>> {
  const asked = instances.filter(({ state, resources }) => state === 'running' && resources?.guaranteed);
  const answers = await Promise.all(
    asked.map(async ({ id, workload, ordinal }) => {
      const instance = `${workload}.${ordinal}`;
      const text = await askInstance(engine, cloud, { instance, command: tellOwnCpus, limitMs: LIMIT });
      const cpuset = text === undefined ? '' : normalCpuList(text.trim());
      return [id, cpuset === '' ? {} : { cpuset }] as const;
    }),
  );
  return new Map(answers);
}

/** The CPUs of each node, by the first of its processes that answers of three. */
async function readNodes(
  engine: Pick<Engine, 'exec'>,
  cloud: string,
  instances: readonly ObservedInstance[],
): Promise<{ node: string | undefined; cpus: NodeCpus | undefined }[]> {
  const known = [...new Set(instances.map(({ node }) => node))];
  // Where there are several, an instance without one has none yet.
  const nodes = known.length > 1 ? known.filter((node) => node !== undefined) : known;
  return Promise.all(
    nodes.map(async (node) => {
      const healthy = instances.filter((one) => one.node === node && one.health === 'healthy').slice(0, 3);
      for (const { workload, ordinal } of healthy) {
        const instance = `${workload}.${ordinal}`;
        const text = await askInstance(engine, cloud, { instance, command: tellNodeCpus, limitMs: LIMIT });
        const cpus = text === undefined ? undefined : parseNodeCpus(text);
        if (cpus) return { node, cpus };
      }
      return { node, cpus: undefined };
    }),
  );
}

/** Who has which CPUs of a node. What is kept on all of them has none of its own. Pure. */
export function shareCpus(
  node: string | undefined,
  { cpus, numaNodes }: NodeCpus,
  { processes, sets }: { processes: readonly InstanceResources[]; sets: readonly CpuSet[] },
): NodeShares {
  const all = formatCpuList(cpus);
  const shares = new Map<string, string[]>();
  const others: string[] = [];
  for (const { whose, cpus: list } of sets) {
    if (list === undefined) others.push(whose);
    else shares.set(normalCpuList(list), [whose]);
  }
  let elsewhere = 0;
  for (const { process, limits } of processes) {
    const { cpuset = all } = limits;
    if (cpuset === all) elsewhere += 1;
    else shares.set(cpuset, [...(shares.get(cpuset) ?? []), process]);
  }
  const first = ({ cpus: list }: CpuShare): number => parseCpuList(list)?.[0] ?? 0;
  return {
    node,
    cpus,
    numaNodes,
    shares: [...shares]
      .map(([list, whose]) => ({ cpus: list, whose }))
      .sort((a, b) => first(a) - first(b) || a.cpus.localeCompare(b.cpus)),
    elsewhere: { processes: elsewhere, others },
  };
}
