import type { Engine } from '../engine/engine.ts';
import { type NodeAccelerator, parseAccelerator } from '../model/accelerator.ts';
import type { Desired } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { askInstance } from './ask.ts';

/** Longest time that one node may take to answer, in milliseconds. */
const LIMIT = 5_000;
/** Nodes asked at the same time. */
const WIDTH = 8;

interface Asked {
  engine: Pick<Engine, 'exec'>;
  desired: Pick<Desired, 'cloud' | 'hypervisor'>;
}

/** What servers run with on each compute node whose hypervisor runs and answers, by node. */
export async function readAccelerators(
  { engine, desired: { cloud, hypervisor } }: Asked,
  instances: readonly ObservedInstance[],
): Promise<NodeAccelerator[]> {
  if (!hypervisor) return [];
  const { process, accelerator: command } = hypervisor;
  const waiting = instances.filter(({ workload, state }) => workload === process && state === 'running');
  const answers: NodeAccelerator[] = [];
  const ask = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const instance = `${next.workload}.${next.ordinal}`;
      // A node that does not answer is shown as the state of its processes.
      const text = await askInstance(engine, cloud, { instance, command, limitMs: LIMIT });
      if (text !== undefined) answers.push({ node: next.node, found: parseAccelerator(text) });
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, ask));
  return answers.sort((a, b) => (a.node ?? '').localeCompare(b.node ?? ''));
}
