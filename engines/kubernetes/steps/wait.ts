import type { StepContext } from '../../../src/engine/engine.ts';
import { GantryError } from '../../../src/errors.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { Process } from '../../../src/model/workload.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure } from '../api/failure.ts';
import { Label } from '../names.ts';
import { type FoundWorkload, lookAround, type Snapshots } from '../observe/snapshots.ts';
import type { DesiredBundle } from '../plan/bundle.ts';
import { lastLines } from '../pods/output.ts';
import { lastingTaints } from '../waiters/scheduling.ts';
import { type Summary, summarize } from '../waiters/summary.ts';
import { endLoner } from './growth.ts';
import { deleteObject, podRef } from './remove.ts';
import type { RunContext } from './run-context.ts';

const PAUSE = 400;
/** Time for pulling images and for the cluster's own controllers, in seconds, on top of what the process takes. */
const ALLOWANCE = 300;
/** Time until the cluster has noticed that an instance is healthy, in seconds. */
const NOTICING = 30;

/**
 * Waits until all pods of a process are made from what was applied and pass their health checks. Says meanwhile
 * what is missing. Throws `process.not-healthy` when the time is over, or earlier where waiting cannot help.
 */
export async function waitForBundle(
  run: RunContext,
  bundle: DesiredBundle,
  context: StepContext,
): Promise<void> {
  const { name, process } = bundle;
  if (!process) return;
  const { api, snapshots } = run;
  const { clock } = run.options;
  const limit = limitOf(process);
  await endExhausted(run, name, context);
  const started = clock.now();
  const deadline = started + limit * 1000;
  for (;;) {
    context.signal.throwIfAborted();
    const summary = await look(snapshots, name, clock, started);
    if (summary?.done) return;
    const text = summary?.sentence ?? `the objects of ${name} to appear`;
    context.waiting(text);
    if (summary?.unpulled && (await run.isMissing(summary.unpulled))) {
      const sentence = `${summary.unpulled} is not in the registry`;
      throw await notHealthy(api, snapshots, name, { ...summary, sentence }, undefined);
    }
    const taints = summary?.tainted ? lastingTaints(await snapshots.nodes()) : [];
    if (summary && taints.length > 0) {
      const sentence = `${summary.sentence} (${taints.join(', ')})`;
      throw await notHealthy(api, snapshots, name, { ...summary, sentence }, undefined);
    }
    await endLoner(run, bundle, await snapshots.pods(started), context);
    if (summary?.hopeless) throw await notHealthy(api, snapshots, name, summary, undefined);
    if (clock.now() >= deadline) throw await notHealthy(api, snapshots, name, summary, limit);
    await clock.sleep(PAUSE, context.signal);
  }
}

/**
 * Ends the pods that had kept exiting before: what they lacked may be there now, and new ones start at once, while the
 * kubelet would pause for up to five minutes.
 */
async function endExhausted(
  { api, snapshots, options: { clock } }: RunContext,
  name: string,
  context: StepContext,
): Promise<void> {
  const started = clock.now();
  const { exhausted = [] } = (await look(snapshots, name, clock, started)) ?? {};
  const pods = (await snapshots.pods(started)).filter(({ metadata }) => exhausted.includes(metadata.name));
  for (const pod of pods) {
    context.waiting(`${pod.metadata.name}, which kept exiting, to start anew`);
    await deleteObject(api, podRef(pod), 'Background', context.signal);
  }
}

async function look(
  snapshots: Snapshots,
  name: string,
  clock: Clock,
  started: number,
): Promise<Summary | undefined> {
  try {
    const [workloads, pods] = await Promise.all([snapshots.workloads(started), snapshots.pods(started)]);
    const workload = workloads.find((one) => nameOf(one) === name);
    if (!workload) return undefined;
    const own = pods.filter(({ metadata }) => metadata.labels?.[Label.name] === name);
    const first = summarize(name, workload, own, { now: clock.now() });
    if (first.done) return first;
    return summarize(name, workload, own, await lookAround(snapshots, clock));
  } catch (thrown) {
    throw clusterFailure(`${name} could not be observed`, thrown);
  }
}

function nameOf({ object }: FoundWorkload): string {
  return object.metadata.labels?.[Label.name] ?? object.metadata.name;
}

/** Instances that are replaced one after another each take their time, in seconds. */
function limitOf({ health, replicas }: Process): number {
  return ALLOWANCE + (health.startSeconds + NOTICING) * Math.max(1, replicas);
}

async function notHealthy(
  api: ClusterApi,
  snapshots: Snapshots,
  name: string,
  summary: Summary | undefined,
  limit: number | undefined,
): Promise<GantryError> {
  const pods = await snapshots.pods().catch(() => []);
  const witness = pods.find(({ metadata }) => metadata.name === summary?.witness);
  const lines = witness ? await lastLines(api, witness, 20).catch(() => []) : [];
  return new GantryError({
    code: 'process.not-healthy',
    whose: 'environment',
    message: `${name} did not become healthy${limit === undefined ? '' : ` within ${limit} s`}`,
    why: [
      summary?.sentence ?? 'Its objects are not there.',
      ...(lines.length > 0 ? ['Last output:', ...lines] : []),
    ].join('\n'),
    next: `\`gantry logs ${name}\` shows everything it wrote.`,
  });
}
