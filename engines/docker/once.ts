import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { OnceOptions } from '../../src/engine/engine.ts';
import { jobTimedOut } from '../../src/engine/job-failure.ts';
import type { Job } from '../../src/model/workload.ts';
import { wantedIdentity } from '../../src/plan/identity.ts';
import { timeLimit } from '../../src/time-limit.ts';
import type { RunContext } from './context.ts';
import { demultiplex } from './demultiplex.ts';
import { engineFailure, isAbort } from './failure.ts';
import { removeOthers } from './job.ts';
import { createAndStart, removeContainer, renderInstance } from './start.ts';

/** Runs a job that is not recorded, with its output as it comes; see Engine.runOnce. */
export async function runOnce(run: RunContext, job: Job, options: OnceOptions): Promise<number> {
  const { docker } = run.options.client;
  options.signal?.throwIfAborted();
  await removeOthers(docker, run.desired.cloud, job);
  let output: Promise<void> | undefined;
  const container = await createAndStart(
    run,
    await renderInstance(run, job, 0, wantedIdentity(job, run.desired)),
    job,
    async (created) => {
      // Attached before it runs: the engine's record of output keeps text only, and not all of it.
      const stream = await created.attach({ stream: true, stdout: true, stderr: true });
      output = pipeline(stream, demultiplex(options.stdout, options.stderr));
      // Looked at when the container has ended.
      output.catch(() => undefined);
    },
  );
  try {
    const code = await waitForEnd(container, job, options.signal);
    await output;
    return code;
  } finally {
    await removeContainer(container);
    // What is written to is the caller's again only when nothing comes any more.
    await output?.catch(() => undefined);
  }
}

async function waitForEnd(
  container: Docker.Container,
  job: Job,
  signal: AbortSignal | undefined,
): Promise<number> {
  const limit = timeLimit(job.timeoutSeconds * 1000);
  try {
    const { StatusCode } = await container.wait({
      condition: 'not-running',
      abortSignal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    return StatusCode;
  } catch (thrown) {
    signal?.throwIfAborted();
    if (!limit.aborted && !isAbort(thrown)) {
      throw engineFailure(`${job.name} could not be observed`, thrown);
    }
    throw jobTimedOut(job, thrown);
  }
}
