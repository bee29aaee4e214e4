import type { StepContext } from '../../../src/engine/engine.ts';
import { jobFailed } from '../../../src/engine/job-failure.ts';
import { GantryError } from '../../../src/errors.ts';
import type { Job } from '../../../src/model/workload.ts';
import type { Identity } from '../../../src/plan/identity.ts';
import { clusterFailure, unlessMissing } from '../api/failure.ts';
import { conditionOf, type JobObject, type Pod } from '../api/objects.ts';
import { listPods, readLive, readObject } from '../observe/live.ts';
import { lookAround } from '../observe/snapshots.ts';
import { findJobs } from '../observe/strays.ts';
import { type DesiredObject, objectKey } from '../plan/bundle.ts';
import { readOutput } from '../pods/output.ts';
import { describePod } from '../waiters/pod.ts';
import { lastingTaints } from '../waiters/scheduling.ts';
import type { PodWords } from '../waiters/words.ts';
import { applyJob } from './apply.ts';
import { deleteObject, removeBundle } from './remove.ts';
import type { RunContext } from './run-context.ts';

const PAUSE = 300;
/** Time for pulling the image and for the cluster's own controllers, in seconds. */
const ALLOWANCE = 300;

/**
 * Runs a job to its end, records its success, removes its objects. One of the same identity that an interrupted run
 * left running, or that ended well meanwhile, is taken over: a schema change is not killed half-way. For the same
 * reason an abort leaves the job as it is.
 */
export async function runJob(
  run: RunContext,
  job: Job,
  identity: Identity,
  context: StepContext,
): Promise<void> {
  const objects = await run.renderJob(job, identity);
  const object = objects.find(({ ref }) => ref.kind === 'Job');
  if (!object)
    throw new GantryError({ code: 'job.not-rendered', whose: 'bug', message: `${job.name} has no Job` });
  await removeJobObjects(run, job, objects, context);
  const present = await readJob(run, object, context);
  const finish = async (): Promise<void> => {
    const problem = await waitForEnd(run, job, object, context);
    if (!problem) return;
    const error = await jobFailure(run, job, object, problem);
    await remove(run, job, objects, context);
    throw error;
  };
  if (present && outcomeOf(present) !== 'failed') await finish();
  else {
    if (present) await remove(run, job, objects, context);
    await run.schemas.bring(job, context, async () => {
      await applyJob(run.api, objects, context.signal);
      await finish();
    });
  }
  await run.record({ [job.name]: identity.identity }, context);
  await remove(run, job, objects, context);
}

/** Removes what there is of a job, and waits until nothing of it runs; only what is not `kept`. */
export async function removeJobObjects(
  run: RunContext,
  job: Job,
  kept: readonly DesiredObject[],
  context: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<void> {
  const wanted = new Set(kept.map(({ ref }) => objectKey(ref)));
  const left = findJobs(await readLive(run.api, await run.readScope()))[job.name] ?? [];
  const objects = left.filter((ref) => !wanted.has(objectKey(ref)));
  if (objects.length === 0) return;
  await removeBundle(run, { name: job.name, objects }, context);
}

/** Removes the objects of a job that has ended; nobody need wait until its pod is gone too. */
async function remove(
  { api }: RunContext,
  job: Job,
  objects: readonly DesiredObject[],
  { signal }: StepContext,
): Promise<void> {
  try {
    await Promise.all(objects.map(({ ref }) => deleteObject(api, ref, 'Background', signal)));
  } catch (thrown) {
    throw clusterFailure(`${job.name} has ended, and its objects could not be removed`, thrown);
  }
}

function readJob(
  run: RunContext,
  { ref }: DesiredObject,
  context: StepContext,
): Promise<JobObject | undefined> {
  return unlessMissing(readObject<JobObject>(run.api, ref, context.signal));
}

function outcomeOf(job: JobObject): 'succeeded' | 'failed' | undefined {
  if (conditionOf(job, 'Complete')?.status === 'True') return 'succeeded';
  return conditionOf(job, 'Failed')?.status === 'True' ? 'failed' : undefined;
}

/** Resolves to what went wrong, or to undefined when it succeeded. */
async function waitForEnd(
  run: RunContext,
  job: Job,
  object: DesiredObject,
  context: StepContext,
): Promise<string | undefined> {
  const { clock } = run.options;
  const began = clock.now();
  let running: number | undefined;
  context.waiting(`${job.name} to finish`);
  for (;;) {
    const now = clock.now();
    try {
      const live = await readJob(run, object, context);
      if (!live) return 'it was removed by somebody else';
      const outcome = outcomeOf(live);
      if (outcome === 'succeeded') return undefined;
      if (outcome === 'failed') return conditionOf(live, 'Failed')?.message ?? 'it failed';
      const pod = findOwn(await run.snapshots.pods(), object.ref.name);
      const words = pod && (await describe(run, pod));
      if (pod?.status.phase === 'Running') running ??= now;
      if (words) context.waiting(`${job.name}: ${words.text}`);
      if (words?.unpulled && (await run.isMissing(words.unpulled)))
        return `${words.unpulled} is not in the registry`;
      if (words?.hopeless) return words.text;
      const taints = words?.tainted ? lastingTaints(await run.snapshots.nodes()) : [];
      if (words && taints.length > 0) return `${words.text} (${taints.join(', ')})`;
      if (!pod && now - began > 10_000) context.waiting(`${job.name}: the cluster to make its pod`);
    } catch (thrown) {
      throw clusterFailure(`${job.name} could not be observed`, thrown);
    }
    const end = running === undefined ? began + ALLOWANCE * 1000 : running;
    if (now > end + job.timeoutSeconds * 1000) return `not done after ${job.timeoutSeconds} s`;
    await clock.sleep(PAUSE, context.signal);
  }
}

/** What keeps a pod from running; of one that runs there is nothing to say. */
async function describe(run: RunContext, pod: Pod): Promise<PodWords | undefined> {
  if (pod.status.phase === 'Running' && !pod.status.containerStatuses?.some(({ state }) => state.waiting)) {
    return undefined;
  }
  if (pod.status.phase === 'Succeeded') return undefined;
  return describePod(pod, await lookAround(run.snapshots, run.options.clock));
}

/** The newest pod of the Job of this name. */
export function findOwn(pods: readonly Pod[], jobName: string): Pod | undefined {
  const age = ({ metadata }: Pod) => metadata.creationTimestamp ?? '';
  return pods
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ kind, name }) => kind === 'Job' && name === jobName),
    )
    .sort((a, b) => (age(a) < age(b) ? 1 : -1))[0];
}

async function jobFailure(
  run: RunContext,
  job: Job,
  object: DesiredObject,
  problem: string,
): Promise<GantryError> {
  const pod = findOwn(await listPods(run.api, run.scope).catch(() => []), object.ref.name);
  const output = pod ? await readOutput(run.api, pod).catch(() => '') : '';
  const statuses = [...(pod?.status.initContainerStatuses ?? []), ...(pod?.status.containerStatuses ?? [])];
  const ended = statuses.map(({ state }) => state.terminated).find((one) => one && one.exitCode !== 0);
  const exit = ended
    ? `exit code ${ended.exitCode}${ended.reason === 'OOMKilled' ? ', out of memory' : ''}`
    : problem;
  return jobFailed(job, exit, output, run.options.stateDirectory);
}
