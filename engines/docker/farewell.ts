import type Docker from 'dockerode';
import type { StepContext } from '../../src/engine/engine.ts';
import { GantryError } from '../../src/errors.ts';
import type { Farewell } from '../../src/model/workload.ts';
import { BUSY_SECONDS, timeLimit } from '../../src/time-limit.ts';
import { captureCommand } from './command.ts';
import { unlessMissing } from './failure.ts';

/**
 * Runs the farewell of an instance that runs; of one that does not there is nothing to end.
 * Throws `instance.farewell`: what it was to end would go on without anybody to see it.
 */
export async function bidFarewell(
  docker: Docker,
  id: string,
  farewell: Farewell,
  context: StepContext,
): Promise<void> {
  const container = docker.getContainer(id);
  const found = await unlessMissing(container.inspect());
  if (!found?.State.Running || found.State.Restarting) return;
  const limit = timeLimit((farewell.timeoutSeconds + BUSY_SECONDS) * 1000);
  const { exitCode, output } = await captureCommand(container, farewell.command, {
    signal: AbortSignal.any([context.signal, limit]),
  });
  if (exitCode === 0) return;
  throw new GantryError({
    code: 'instance.farewell',
    whose: 'environment',
    message: `${farewell.command[0]} did not end what outlives the container`,
    why: output.trim(),
  });
}
