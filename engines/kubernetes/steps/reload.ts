import { createHash } from 'node:crypto';
import type { StepContext } from '../../../src/engine/engine.ts';
import { takeUpFiles } from '../../../src/engine/reload.ts';
import { GantryError } from '../../../src/errors.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { RenderedFile } from '../../../src/model/workload.ts';
import { fileHashesOf } from '../../../src/plan/identity.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure } from '../api/failure.ts';
import type { Pod } from '../api/objects.ts';
import { mapBounded } from '../api/pool.ts';
import { Label, reloadableName } from '../names.ts';
import { listPods } from '../observe/live.ts';
import type { DesiredBundle } from '../plan/bundle.ts';
import { captureCommand } from '../pods/command.ts';
import { isRunning } from '../pods/find.ts';
import { lostAmong } from '../pods/lost.ts';
import { writeTakenUp } from './apply.ts';
import { podRef } from './remove.ts';
import type { RunContext } from './run-context.ts';

/** Longest wait for the kubelet to bring changed files into a pod, in seconds: it looks every minute or so. */
const SYNC_LIMIT = 150;
const PAUSE = 500;

/**
 * Waits until every pod of the process has the changed files, and has each take them up. Notes last what pods have,
 * so that a reload that was interrupted is still wanted afterwards. What is on a lost node starts with them.
 */
export async function reloadBundle(
  { api, scope, snapshots, options: { clock } }: Pick<RunContext, 'api' | 'scope' | 'snapshots' | 'options'>,
  { name, process }: DesiredBundle,
  context: StepContext,
): Promise<void> {
  if (!process) return;
  const files = process.files.filter((file) => file.reloadable);
  const all = fileHashesOf(process);
  const hashes = JSON.stringify(Object.fromEntries(files.map(({ path }) => [path, all[path]])));
  const isOutOfReach = lostAmong(await snapshots.nodes());
  const pods = (await listPods(api, scope, context.signal)).filter(
    (pod) =>
      pod.metadata.labels?.[Label.name] === name &&
      isRunning(pod) &&
      !pod.metadata.deletionTimestamp &&
      !isOutOfReach(pod),
  );
  try {
    await mapBounded(pods, 8, async (pod) => {
      // A kubelet brings changed Secrets into a pod when it next looks at it: a changed annotation makes it look.
      await writeTakenUp(api, podRef(pod), hashes, context.signal);
      await waitForFiles(api, clock, pod, files, context);
      await takeUpFiles(process, (command) => captureCommand(api, pod, command, { signal: context.signal }));
    });
    const { namespace } = scope;
    const secret = { apiVersion: 'v1', kind: 'Secret', namespace, name: reloadableName(name) };
    await writeTakenUp(api, secret, hashes, context.signal);
  } catch (thrown) {
    throw clusterFailure(`${name} could not take up its changed files`, thrown);
  }
}

/** The contents are compared in the pod by their SHA-256: they may be secrets. */
async function waitForFiles(
  api: ClusterApi,
  clock: Clock,
  pod: Pod,
  files: readonly RenderedFile[],
  { signal, waiting }: StepContext,
): Promise<void> {
  const sums = files.map(
    ({ path, content }) => `${createHash('sha256').update(content).digest('hex')}  ${path}\n`,
  );
  const deadline = clock.now() + SYNC_LIMIT * 1000;
  for (;;) {
    const { exitCode } = await captureCommand(api, pod, ['sha256sum', '-c', '-'], {
      stdin: sums.join(''),
      signal,
    });
    if (exitCode === 0) return;
    waiting(`${pod.metadata.name}: its node to bring the changed files into it`);
    if (clock.now() >= deadline) {
      throw new GantryError({
        code: 'process.files-late',
        whose: 'environment',
        message: `${pod.metadata.name} did not get its changed files within ${SYNC_LIMIT} s`,
        why: `The kubelet of ${pod.spec.nodeName} has not brought them into the pod.`,
        next: 'Check that node (`kubectl describe node`), then run `gantry up` again.',
      });
    }
    await clock.sleep(PAUSE, signal);
  }
}
