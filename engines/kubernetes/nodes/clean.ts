import type { StepContext } from '../../../src/engine/engine.ts';
import { GantryError } from '../../../src/errors.ts';
import type { Clock } from '../../../src/model/clock.ts';
import { excerpt } from '../../../src/model/strings.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure, unlessMissing } from '../api/failure.ts';
import type { Pod } from '../api/objects.ts';
import { isLost } from '../observe/facts.ts';
import { readObject } from '../observe/live.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import { readOutput } from '../pods/output.ts';
import { applyOne } from '../steps/apply.ts';
import { deleteObject, waitUntilGone } from '../steps/remove.ts';
import type { RunContext } from '../steps/run-context.ts';
import { Patience } from '../waiters/patience.ts';
import { describePod } from '../waiters/pod.ts';

/** Longest time for what a pod removes on its node while the pod does not change, in seconds. */
const LIMIT = 180;
const PAUSE = 400;

/**
 * Runs the pod that removes what the cloud kept on a node, but for what processes keep that stay; removes the pod. Throws
 * `node.lost`.
 */
export async function cleanNode(
  run: RunContext,
  node: string,
  context: Pick<StepContext, 'signal' | 'waiting'>,
  staying?: ReadonlySet<string>,
): Promise<void> {
  const { api, snapshots } = run;
  const { clock } = run.options;
  const { signal } = context;
  const found = (await snapshots.nodes()).find(({ metadata }) => metadata.name === node);
  if (found && isLost(found)) throw nodeLost(node);
  const object = await run.renderCleanPod(node, staying);
  try {
    // One that an interrupted run left may have failed.
    await deleteObject(api, object.ref, 'Background', signal);
    await waitUntilGone(api, clock, [object.ref], LIMIT, context);
    await applyOne(api, object, { force: true, signal });
    await waitForEnd(api, clock, node, object, context);
    await deleteObject(api, object.ref, 'Background', signal);
    await waitUntilGone(api, clock, [object.ref], LIMIT, context);
  } catch (thrown) {
    throw clusterFailure(`What the cloud kept on ${node} could not be removed`, thrown);
  }
}

function nodeLost(node: string): GantryError {
  return new GantryError({
    code: 'node.lost',
    whose: 'environment',
    message: `${node} does not answer: what the cloud kept there could not be removed`,
    next: `Run the command again when the node is back; if it is gone for good, after \`kubectl delete node ${node}\`.`,
  });
}

async function waitForEnd(
  api: ClusterApi,
  clock: Clock,
  node: string,
  { ref }: DesiredObject,
  context: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<void> {
  let pod: Pod | undefined;
  const patience = new Patience(clock, LIMIT, async () => pod?.metadata.resourceVersion ?? '');
  for (;;) {
    pod = await unlessMissing(readObject<Pod>(api, ref, context.signal));
    if (!pod || pod.status.phase === 'Succeeded') return;
    const words = describePod(pod, { now: clock.now() });
    if (pod.status.phase === 'Failed' || words?.hopeless || (await patience.isOver())) {
      const output = await readOutput(api, pod).catch(() => '');
      throw new GantryError({
        code: 'node.not-clean',
        whose: 'environment',
        message: `what the cloud kept on ${node} is still there`,
        why: excerpt(output, 10) || words?.text || 'The pod that removes it did not run.',
        next: `Run the command again once ${node} is well.`,
      });
    }
    context.waiting(`${node}: ${words?.text ?? 'what the cloud kept there to be removed'}`);
    await clock.sleep(PAUSE, context.signal);
  }
}
