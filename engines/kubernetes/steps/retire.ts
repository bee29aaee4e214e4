import type { StepContext } from '../../../src/engine/engine.ts';
import type { Pod } from '../api/objects.ts';
import { Label } from '../names.ts';
import { listPodsOf } from '../observe/live.ts';
import type { DesiredBundle } from '../plan/bundle.ts';
import { waitUntilEnded } from './remove.ts';
import type { RunContext } from './run-context.ts';

/**
 * Waits until nothing runs in pods of an earlier identity. No new ones come: the rollout is done. One on a lost node is
 * waited for as well, since it may run there. Throws `kubernetes.not-gone`.
 */
export async function waitUntilRetired(
  { api, scope, options: { clock } }: Pick<RunContext, 'api' | 'scope' | 'options'>,
  { name, identity }: Pick<DesiredBundle, 'name' | 'identity'>,
  context: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<void> {
  const pods = await listPodsOf(api, scope, [name], context.signal);
  const isEarlier = ({ metadata, status }: Pod): boolean =>
    metadata.labels?.[Label.identity] !== identity?.identity && !hasFinished(status);
  await waitUntilEnded(api, clock, pods.filter(isEarlier), context);
}

/** Such as one that its node evicted: it stays until somebody removes it. */
function hasFinished({ phase }: Pod['status']): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
