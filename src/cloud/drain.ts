import type { NodeRole } from '../model/node-role.ts';
import { drainNode } from '../nodes/drain.ts';
import { type Caller, inform } from './caller.ts';
import { changeRunning, type Ended } from './change.ts';
import type { Configured } from './configured.ts';
import { nextUp, nodesOf } from './nodes.ts';
import { openAdministration } from './session.ts';

/**
 * Moves the servers of a node elsewhere and takes it out of the cloud. May be interrupted and done again: what is done
 * stays done. Tells whether the node keeps the role control, and what runs for that.
 */
export async function drain(
  configured: Configured,
  { node }: { node: string },
  caller: Caller,
): Promise<Ended & { keepsControl: boolean }> {
  return changeRunning(configured, { command: 'gantry node drain' }, caller, async (run, cloud) => {
    const { emit, signal } = run;
    const nodes = nodesOf(cloud);
    const report = (reason: string): void => emit({ type: 'activity.waiting', name: 'drain', reason });
    const session = await openAdministration(cloud, signal, report);
    const release = () => nodes.release(node, cloud.desired, { signal, waiting: report });
    const addresses = await nodes.addresses(node);
    const rolesOf = async (): Promise<NodeRole[]> =>
      (await nodes.list()).find(({ name }) => name === node)?.roles ?? [];
    const before = await rolesOf();
    await drainNode(session, { node, addresses, report, release }).finally(() => session.close());
    const kept = await rolesOf();
    for (const text of nextUp(before.filter((role) => !kept.includes(role)))) inform(emit, text);
    return { result: 'done', keepsControl: kept.includes('control') };
  });
}
