import type { Engine } from '../engine/engine.ts';
import { ACCELERATOR_FILE, type NodeAccelerator, parseAccelerator } from '../model/accelerator.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { askInstance } from './ask.ts';

/** Longest time that one node may take to answer, in milliseconds. */
const LIMIT = 5_000;
/** Nodes asked at the same time. */
const WIDTH = 8;

/** What servers run with on each compute node that runs libvirt and answers, by node. */
export async function readAccelerators(
  engine: Pick<Engine, 'exec'>,
  cloud: string,
  instances: readonly ObservedInstance[],
): Promise<NodeAccelerator[]> {
  const waiting = instances.filter(({ workload, state }) => workload === 'libvirt' && state === 'running');
  const answers: NodeAccelerator[] = [];
  const ask = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const text = await readAnswer(engine, cloud, `${next.workload}.${next.ordinal}`);
      if (text !== undefined) answers.push({ node: next.node, found: parseAccelerator(text) });
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, ask));
  return answers.sort((a, b) => (a.node ?? '').localeCompare(b.node ?? ''));
}

/** Undefined where the node does not answer, which is shown as the state of its processes; empty while it tries. */
function readAnswer(
  engine: Pick<Engine, 'exec'>,
  cloud: string,
  instance: string,
): Promise<string | undefined> {
  const command = ['sh', '-c', `cat ${ACCELERATOR_FILE} 2>/dev/null || true`];
  return askInstance(engine, cloud, { instance, command, limitMs: LIMIT });
}
