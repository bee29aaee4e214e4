import type { OnceOptions } from '../../../src/engine/engine.ts';
import { jobTimedOut } from '../../../src/engine/job-failure.ts';
import { GantryError } from '../../../src/errors.ts';
import type { Job } from '../../../src/model/workload.ts';
import { wantedIdentity } from '../../../src/plan/identity.ts';
import { timeLimit } from '../../../src/time-limit.ts';
import { clusterFailure } from '../api/failure.ts';
import type { Pod } from '../api/objects.ts';
import { listPods } from '../observe/live.ts';
import { lookAround } from '../observe/snapshots.ts';
import { runCommand } from '../pods/command.ts';
import { isRunning } from '../pods/find.ts';
import { describePod } from '../waiters/pod.ts';
import { applyJob } from './apply.ts';
import { findOwn, removeJobObjects } from './job.ts';
import { publishImage } from './publish.ts';
import type { RunContext } from './run-context.ts';

const PAUSE = 300;
/** Time for pulling the image, in seconds. */
const ALLOWANCE = 300;

/**
 * Runs a job that is not recorded, with its output as it comes; see Engine.runOnce. Its pod only waits, and the
 * command is run in it: logs of a pod mix both streams, and what was written before somebody attaches is lost.
 */
export async function runOnce(run: RunContext, job: Job, options: OnceOptions): Promise<number> {
  const seconds = job.timeoutSeconds + ALLOWANCE;
  const waiting: Job = { ...job, command: ['sleep', String(seconds)], timeoutSeconds: seconds };
  const objects = await run.renderJob(waiting, wantedIdentity(job, run.desired));
  const signal = options.signal ?? new AbortController().signal;
  const removal = { signal: new AbortController().signal, waiting: () => {} };
  await removeJobObjects(run, job, [], removal);
  try {
    await provideImage(run, job, signal);
    await applyJob(run.api, objects, signal);
    const ref = objects.find(({ ref: one }) => one.kind === 'Job')?.ref;
    const pod = await waitUntilRunning(run, job, ref?.name ?? '', signal);
    const limit = timeLimit(job.timeoutSeconds * 1000);
    return await runCommand(run.api, pod, job.command, {
      ...options,
      signal: AbortSignal.any([signal, limit]),
    }).catch((thrown) => {
      signal.throwIfAborted();
      throw limit.aborted ? jobTimedOut(job, thrown) : thrown;
    });
  } catch (thrown) {
    signal.throwIfAborted();
    throw clusterFailure(`${job.name} could not be run`, thrown);
  } finally {
    await removeJobObjects(run, job, [], removal);
  }
}

/** Such a job is in no plan, so that its image may be where it was built alone. */
async function provideImage(run: RunContext, job: Job, signal: AbortSignal): Promise<void> {
  const image = run.desired.images.find(({ name }) => name === job.image);
  const { registry } = run.options.settings;
  if (!image || registry === undefined || !(await run.isMissing(`${registry}/${image.reference}`))) return;
  await publishImage(run, image, { signal, waiting: () => {}, progress: () => {}, log: () => {} });
}

async function waitUntilRunning(run: RunContext, job: Job, name: string, signal: AbortSignal): Promise<Pod> {
  const { clock } = run.options;
  const deadline = clock.now() + ALLOWANCE * 1000;
  for (;;) {
    const pod = findOwn(await listPods(run.api, run.scope, signal), name);
    if (pod && isRunning(pod)) return pod;
    const words = pod && describePod(pod, await lookAround(run.snapshots, run.options.clock));
    if (words?.hopeless || clock.now() >= deadline) {
      throw new GantryError({
        code: 'job.not-started',
        whose: 'environment',
        message: `${job.name} did not start`,
        why: words?.text ?? 'The cluster made no pod for it.',
      });
    }
    await clock.sleep(PAUSE, signal);
  }
}
