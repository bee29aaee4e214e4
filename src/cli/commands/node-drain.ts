import { openRunningCloud } from '../../cloud/cloud.ts';
import { nodesOf } from '../../cloud/nodes.ts';
import { openAdministration } from '../../cloud/session.ts';
import { ExitCode } from '../../errors.ts';
import { acquireLock } from '../../run/lock.ts';
import { interruptSignal } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';

/** May be interrupted and run again: what is done stays done. */
export async function run(
  options: GlobalOptions,
  [node]: (string | string[] | undefined)[],
): Promise<number> {
  const name = String(node);
  const signal = interruptSignal();
  const cloud = await openRunningCloud(options);
  const nodes = nodesOf(cloud);
  let last = '';
  const report = (text: string): void => {
    if (text !== last) process.stderr.write(`  ... ${text}\n`);
    last = text;
  };
  const lock = await acquireLock(cloud.stateDirectory, { command: 'gantry node drain' });
  try {
    const { drainNode } = await import('../../nodes/drain.ts');
    const session = await openAdministration(cloud, signal, report);
    const release = () => nodes.release(name, cloud.desired, { signal, waiting: report });
    const addresses = await nodes.addresses(name);
    await drainNode(session, { node: name, addresses, report, release }).finally(() => session.close());
    const kept = (await nodes.list()).find((one) => one.name === name)?.roles.includes('control');
    process.stderr.write(
      kept
        ? `The node ${name} is no compute node of the cloud ${cloud.config.name} any more. It keeps the role control, and what runs for that goes on: the cloud's data may be there.\nGive the role to another node before you take it away with "gantry label-nodes ${name} --role control --remove".\n`
        : `The node ${name} is out of the cloud ${cloud.config.name}.\n`,
    );
    return ExitCode.done;
  } finally {
    await lock.release();
  }
}
