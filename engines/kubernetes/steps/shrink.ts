import type { StepContext } from '../../../src/engine/engine.ts';
import { GantryError } from '../../../src/errors.ts';
import { excerpt } from '../../../src/model/strings.ts';
import { BUSY_SECONDS, timeLimit } from '../../../src/time-limit.ts';
import { listPodsOf } from '../observe/live.ts';
import type { DesiredBundle } from '../plan/bundle.ts';
import { captureCommand } from '../pods/command.ts';
import { isRunning, numberPods } from '../pods/find.ts';
import { commandFailure, lostAmong } from '../pods/lost.ts';
import { isPodReady } from '../waiters/pod.ts';
import type { RunContext } from './run-context.ts';

/**
 * Has a process that is to have fewer instances let go of the others, while all of them run.
 * Throws `process.shrink` where it refuses, and where none of those that stay can be asked: then nothing is changed.
 */
export async function shrinkProcess(
  { api, scope, snapshots }: Pick<RunContext, 'api' | 'scope' | 'snapshots'>,
  { name, process }: Pick<DesiredBundle, 'name' | 'process'>,
  { signal, waiting }: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<void> {
  if (!process?.shrink) return;
  const { shrink, replicas } = process;
  const pods = numberPods(await listPodsOf(api, scope, [name], signal));
  if (pods.every(({ ordinal }) => ordinal < replicas)) return;
  const isOutOfReach = lostAmong(await snapshots.nodes());
  const staying = pods
    .filter(({ pod, ordinal }) => ordinal < replicas && isRunning(pod) && !isOutOfReach(pod))
    .map(({ pod }) => pod);
  const asked = staying.find(isPodReady) ?? staying[0];
  if (!asked) throw refused(name, `None of the ${replicas} that stay runs.`);
  waiting(`${name} to go on with ${replicas}`);
  const limit = timeLimit((shrink.timeoutSeconds + BUSY_SECONDS) * 1000);
  const command = [...shrink.command, String(replicas)];
  const { exitCode, output } = await captureCommand(api, asked, command, {
    signal: AbortSignal.any([signal, limit]),
  }).catch(async (thrown) => {
    signal.throwIfAborted();
    throw await commandFailure(api, asked, String(shrink.command[0]), thrown);
  });
  if (exitCode !== 0) throw refused(name, excerpt(output, 20));
}

function refused(name: string, why: string): GantryError {
  return new GantryError({
    code: 'process.shrink',
    whose: 'environment',
    message: `${name} cannot have fewer instances now`,
    why,
    next: 'Have all of them run first: set `replicas` back and run `gantry up`.',
  });
}
