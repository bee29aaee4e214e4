import { messageOf } from '../errors.ts';
import type { Engine } from '../model/engine.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { KeptOutput } from '../run/output.ts';
import { timeLimit } from '../time-limit.ts';
import { type Domain, describeDomain, parseDomains } from './domain.ts';

/** A hypervisor that does not say what it runs for so long counts as one that does not answer. */
const ANSWER_LIMIT_MS = 10_000;

/** What one compute node's hypervisor says of its servers. */
export interface Hypervisor {
  /** The instance of libvirt, as `exec` takes it. */
  instance: string;
  /** Undefined on an engine with one machine. */
  node: string | undefined;
  domains: Domain[];
  /** Why it does not say; then there are no domains. */
  problem?: string;
}

/**
 * Asks every hypervisor that runs for its servers, all at the same time. One that is not up is left out: that it is not
 * is told by its process.
 */
export async function askHypervisors(
  engine: Pick<Engine, 'exec'>,
  cloud: string,
  instances: readonly ObservedInstance[],
  signal?: AbortSignal,
): Promise<Hypervisor[]> {
  const running = instances
    .filter(
      ({ workload, state, health }) => workload === 'libvirt' && state === 'running' && health !== 'starting',
    )
    .filter(({ leaving }) => !leaving)
    .sort((a, b) => a.ordinal - b.ordinal);
  return Promise.all(
    running.map(async ({ workload, ordinal, node }) => {
      const instance = `${workload}-${ordinal}`;
      const asked = await ask(engine, cloud, instance, signal);
      return { instance, node, ...asked };
    }),
  );
}

async function ask(
  engine: Pick<Engine, 'exec'>,
  cloud: string,
  instance: string,
  signal?: AbortSignal,
): Promise<Pick<Hypervisor, 'domains' | 'problem'>> {
  const stdout = new KeptOutput();
  const stderr = new KeptOutput(4096);
  const limit = timeLimit(ANSWER_LIMIT_MS);
  try {
    const code = await engine.exec(cloud, instance, ['tell-servers'], {
      stdout,
      stderr,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    if (code === 0) return { domains: parseDomains(stdout.text) };
    return {
      domains: [],
      problem: stderr.text.trim().split('\n').at(-1) || `tell-servers ended with ${code}`,
    };
  } catch (thrown) {
    signal?.throwIfAborted();
    return { domains: [], problem: messageOf(thrown) };
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
