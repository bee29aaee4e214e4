import type Docker from 'dockerode';
import type { StepContext } from '../../src/engine/engine.ts';
import { jobFailed } from '../../src/engine/job-failure.ts';
import type { GantryError } from '../../src/errors.ts';
import type { Job } from '../../src/model/workload.ts';
import type { Identity } from '../../src/plan/identity.ts';
import { timeLimit } from '../../src/time-limit.ts';
import type { RunContext } from './context.ts';
import { engineFailure, isAbort, unlessMissing } from './failure.ts';
import { containerName, Label, labelled } from './labels.ts';
import { readOutput } from './output.ts';
import { removeContainer, startInstance } from './start.ts';

/**
 * Runs a job to its end, records its success, removes its container. One of the same identity that an
 * interrupted run left running, or that ended well meanwhile, is taken over: a schema change is not killed
 * half-way. For the same reason an abort leaves the container as it is.
 */
export async function runJob(
  run: RunContext,
  job: Job,
  identity: Identity,
  context: StepContext,
): Promise<void> {
  const { docker } = run.options.client;
  await removeOthers(docker, run.desired.cloud, job, identity.identity);
  const present = docker.getContainer(containerName(run.desired.cloud, job, 0, identity.identity));
  const state = (await unlessMissing(present.inspect()))?.State;
  const finish = async (container: Docker.Container): Promise<void> => {
    const exitCode = await waitForExit(container, job, context);
    if (exitCode === 0) return;
    const error = await jobFailure(run, container, job, exitCode);
    await removeContainer(container);
    throw error;
  };
  if (state?.Running || (state?.Status === 'exited' && state.ExitCode === 0)) await finish(present);
  else await run.schemas.bring(job, context, async () => finish(await startInstance(run, job, 0, identity)));
  await run.record({ [job.name]: identity.identity }, context);
  await removeContainer(present);
}

/** Removes the containers of a job of this name, but not of this identity. */
export async function removeOthers(
  docker: Docker,
  cloud: string,
  job: Job,
  identity?: string,
): Promise<void> {
  const all = await docker.listContainers({
    all: true,
    filters: labelled(cloud, { kind: 'job', process: job.name }),
  });
  const others = all.filter((info) => info.Labels[Label.identity] !== identity);
  await Promise.all(others.map((info) => removeContainer(docker.getContainer(info.Id))));
}

/** Resolves to the exit code, or to undefined when the job's time is over. */
async function waitForExit(
  container: Docker.Container,
  job: Job,
  context: StepContext,
): Promise<number | undefined> {
  context.waiting(`${job.name} to finish`);
  const limit = timeLimit(job.timeoutSeconds * 1000);
  try {
    const { StatusCode } = await container.wait({
      condition: 'not-running',
      abortSignal: AbortSignal.any([context.signal, limit]),
    });
    return StatusCode;
  } catch (thrown) {
    context.signal.throwIfAborted();
    if (limit.aborted || isAbort(thrown)) return undefined;
    throw engineFailure(`${job.name} could not be observed`, thrown);
  }
}

async function jobFailure(
  run: RunContext,
  container: Docker.Container,
  job: Job,
  exitCode: number | undefined,
): Promise<GantryError> {
  const output = (await unlessMissing(readOutput(container))) ?? '';
  const oomKilled = (await unlessMissing(container.inspect()))?.State.OOMKilled ?? false;
  const problem = exitCode === undefined ? `not done after ${job.timeoutSeconds} s` : `exit code ${exitCode}`;
  return jobFailed(
    job,
    `${problem}${oomKilled ? ', out of memory' : ''}`,
    output,
    run.options.stateDirectory,
  );
}
