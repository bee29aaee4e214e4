import { GantryError } from '../../../src/errors.ts';
import { excerpt } from '../../../src/model/strings.ts';
import type { Farewell } from '../../../src/model/workload.ts';
import { BUSY_SECONDS, timeLimit } from '../../../src/time-limit.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { captureCommand } from './command.ts';
import { commandFailure } from './lost.ts';

/**
 * Runs the farewell in a running pod.
 * Throws `instance.farewell`, as what it was to end would go on without anybody to see it, and `node.lost` where the
 * pod's node does not answer.
 */
export async function bidFarewell(
  api: ClusterApi,
  pod: Pod,
  farewell: Farewell,
  signal: AbortSignal,
): Promise<void> {
  const limit = timeLimit((farewell.timeoutSeconds + BUSY_SECONDS) * 1000);
  const { exitCode, output } = await captureCommand(api, pod, farewell.command, {
    signal: AbortSignal.any([signal, limit]),
  }).catch(async (thrown) => {
    signal.throwIfAborted();
    throw await commandFailure(api, pod, String(farewell.command[0]), thrown);
  });
  if (exitCode === 0) return;
  throw new GantryError({
    code: 'instance.farewell',
    whose: 'environment',
    message: `${farewell.command[0]} did not end what outlives ${pod.metadata.name}`,
    why: excerpt(output, 20),
  });
}
