import type { Engine } from '../engine/engine.ts';
import { KeptOutput } from '../engine/output.ts';
import { messageOf } from '../errors.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { HypervisorAccess } from '../model/offers.ts';
import { timeLimit } from '../time-limit.ts';
import { type Domain, describeDomain, parseDomains } from './domain.ts';

/** A hypervisor that does not say what it runs for so long counts as one that does not answer. */
const ANSWER_LIMIT_MS = 10_000;

/** What one compute node's hypervisor says of its servers. */
export interface Hypervisor {
  /** The instance of its process, as `exec` takes it. */
  instance: string;
  /** Undefined on an engine with one machine. */
  node: string | undefined;
  domains: Domain[];
  /** Why it does not say; then there are no domains. */
  problem?: string;
}

interface Asked {
  engine: Pick<Engine, 'exec'>;
  cloud: string;
  hypervisor: HypervisorAccess;
}

/** Asks every hypervisor that is healthy for its servers, all at the same time; of the others it is known why not. */
export async function askHypervisors(
  asked: Asked,
  instances: readonly ObservedInstance[],
  signal?: AbortSignal,
): Promise<Hypervisor[]> {
  const answers = await askEach(asked, asked.hypervisor.servers, instances, signal);
  return answers.map(({ instance, node, text, problem }) => ({
    instance,
    node,
    domains: parseDomains(text),
    ...(problem === undefined ? {} : { problem }),
  }));
}

/** What a hypervisor wrote when it was asked; nothing where there is a problem. */
interface Answer extends Pick<Hypervisor, 'instance' | 'node' | 'problem'> {
  text: string;
}

/** Runs a command beside every hypervisor that is healthy. */
export async function askEach(
  asked: Asked,
  command: readonly string[],
  instances: readonly ObservedInstance[],
  signal?: AbortSignal,
): Promise<Answer[]> {
  const wanted = instances
    .filter(({ workload, leaving }) => workload === asked.hypervisor.process && !leaving)
    .sort((a, b) => a.ordinal - b.ordinal);
  return Promise.all(
    wanted.map(async ({ workload, ordinal, node, state, health, detail }) => {
      const instance = `${workload}-${ordinal}`;
      const seen = state === 'running' ? health : state;
      const answer =
        seen === 'healthy' || seen === 'none'
          ? await ask(asked, command, instance, signal)
          : { text: '', problem: [`${workload} is ${seen}`, detail].filter(Boolean).join(': ') };
      return { instance, node, ...answer };
    }),
  );
}

async function ask(
  { engine, cloud }: Asked,
  command: readonly string[],
  instance: string,
  signal?: AbortSignal,
): Promise<Pick<Answer, 'text' | 'problem'>> {
  const stdout = new KeptOutput();
  const stderr = new KeptOutput(4096);
  const limit = timeLimit(ANSWER_LIMIT_MS);
  try {
    const code = await engine.exec(cloud, instance, [...command], {
      stdout,
      stderr,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    if (code === 0) return { text: stdout.text };
    // What shells and engines end with where there is no such program.
    if (code === 126 || code === 127)
      return { text: '', problem: 'its image is an older one; "gantry up" replaces it' };
    return { text: '', problem: stderr.text.trim().split('\n').at(-1) || `${command[0]} ended with ${code}` };
  } catch (thrown) {
    signal?.throwIfAborted();
    return { text: '', problem: messageOf(thrown) };
  }
}

/** `3 running, 1 paused: I/O error`: as many of each state, what the hypervisor did itself first. */
export function countStates({ domains, problem }: Pick<Hypervisor, 'domains' | 'problem'>): string {
  if (problem !== undefined) return `does not say: ${problem}`;
  const groups = new Map<string, { count: number; fault: boolean }>();
  for (const { state, reason, fault } of domains) {
    const words = describeDomain({ state, fault, reason: state === 'running' ? '' : reason });
    groups.set(words, { count: (groups.get(words)?.count ?? 0) + 1, fault });
  }
  const sorted = [...groups].sort(
    ([a, one], [b, other]) => Number(other.fault) - Number(one.fault) || a.localeCompare(b),
  );
  return sorted.map(([words, { count }]) => `${count} ${words}`).join(', ') || 'none';
}

/** The servers that a hypervisor has stopped by itself. */
export function stoppedServers(hypervisors: readonly Hypervisor[]): (Domain & Pick<Hypervisor, 'node'>)[] {
  return hypervisors.flatMap(({ domains, node }) =>
    domains.filter(({ fault }) => fault).map((domain) => ({ ...domain, node })),
  );
}
