import type { StepContext } from '../../../src/engine/engine.ts';
import type { Pod } from '../api/objects.ts';
import { Annotation, Label } from '../names.ts';
import type { DesiredBundle } from '../plan/bundle.ts';
import { deleteObject, podRef } from './remove.ts';
import type { RunContext } from './run-context.ts';

/**
 * Has the only instance of a process start again as one of a cluster. A StatefulSet begins with its last pod and waits
 * until that is ready; the new ones wait for the first, which knows nothing of them before it is replaced.
 */
export async function endLoner(
  { api }: Pick<RunContext, 'api'>,
  { name, process }: DesiredBundle,
  pods: readonly Pod[],
  { signal }: Pick<StepContext, 'signal'>,
): Promise<void> {
  if (!process || process.replicas < 2) return;
  const loner = pods.find(
    ({ metadata }) =>
      metadata.labels?.[Label.name] === name &&
      metadata.annotations?.[Annotation.alone] &&
      !metadata.deletionTimestamp,
  );
  if (!loner) return;
  await deleteObject(api, podRef(loner), 'Background', signal);
}
