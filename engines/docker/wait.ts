import type Docker from 'dockerode';
import type { StepContext } from '../../src/engine/engine.ts';
import { GantryError } from '../../src/errors.ts';
import type { Clock } from '../../src/model/clock.ts';
import { excerpt } from '../../src/model/strings.ts';
import type { Process } from '../../src/model/workload.ts';
import { timeLimit } from '../../src/time-limit.ts';
import { captureCommand } from './command.ts';
import { engineFailure, isAbort, unlessMissing } from './failure.ts';
import { lastLines } from './output.ts';

/** Restarts after which an instance counts as broken rather than as waiting for something. */
const MAX_RESTARTS = 5;
/** Seconds for getting healthy on top of what the process takes to start. */
const ALLOWANCE = 60;
const MIN_PAUSE = 300;
const MAX_PAUSE = 2_000;

/**
 * Waits until the health check passes, by running it rather than by asking the engine for its last result:
 * engines before 25 probe for the first time after a whole interval. Pauses grow with what a probe costs, so
 * that two dozen waits do not starve the processes they wait for.
 * Throws `process.not-healthy` when the time is over or the process keeps exiting.
 */
export async function waitUntilHealthy(
  container: Docker.Container,
  process: Process,
  context: StepContext,
  clock: Clock,
): Promise<void> {
  const { health } = process;
  const limit = health.startSeconds + ALLOWANCE;
  const deadline = clock.now() + limit * 1000;
  let last: ProbeResult = { healthy: false, detail: 'not probed yet' };
  for (;;) {
    context.signal.throwIfAborted();
    const started = clock.now();
    const state = await instanceState(container, process.name);
    if (state.problem) throw await notHealthy(container, process, state.problem, last.detail);
    if (state.running) {
      last = await probe(container, health.command, health.timeoutSeconds, context.signal);
      if (last.healthy) return;
    } else {
      last = { healthy: false, detail: `restarting after it exited with code ${state.exitCode}` };
    }
    context.waiting(`${process.name}: ${last.detail}`);
    if (clock.now() >= deadline) {
      throw await notHealthy(container, process, `not healthy after ${limit} s`, last.detail);
    }
    const cost = clock.now() - started;
    await clock.sleep(Math.min(MAX_PAUSE, Math.max(MIN_PAUSE, 3 * cost)), context.signal);
  }
}

export interface ProbeResult {
  healthy: boolean;
  /** The last line of what the health check printed. */
  detail: string;
}

/** Runs a health check once in a running container. */
export async function probe(
  container: Docker.Container,
  command: string[],
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const limit = timeLimit(timeoutSeconds * 1000);
  try {
    const { exitCode, output } = await captureCommand(container, command, {
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const detail = excerpt(output, 1) || `health check exited with code ${exitCode}`;
    return { healthy: exitCode === 0, detail };
  } catch (thrown) {
    signal?.throwIfAborted();
    if (isAbort(thrown)) return { healthy: false, detail: `health check took over ${timeoutSeconds} s` };
    // The container can stop between any two calls; its state is looked at before the next probe.
    return { healthy: false, detail: 'the container is not running' };
  }
}

interface InstanceRunState {
  running: boolean;
  exitCode: number;
  /** Why waiting further makes no sense. */
  problem?: string;
}

async function instanceState(container: Docker.Container, name: string): Promise<InstanceRunState> {
  const found = await unlessMissing(container.inspect()).catch((thrown) => {
    throw engineFailure(`${name} could not be observed`, thrown);
  });
  if (!found) return { running: false, exitCode: 0, problem: 'its container was removed' };
  const { State: state, RestartCount: restarts } = found;
  const exitCode = state.ExitCode;
  // While it runs once more the engine has no exit code to tell.
  if (restarts >= MAX_RESTARTS && (state.Restarting || !state.Running)) {
    const memory = state.OOMKilled ? ', out of memory' : '';
    return {
      running: false,
      exitCode,
      problem: `exited ${restarts} times, last with code ${exitCode}${memory}`,
    };
  }
  if (!state.Running && !state.Restarting) {
    return { running: false, exitCode, problem: state.Error || `exited with code ${exitCode}` };
  }
  return { running: state.Running && !state.Restarting, exitCode };
}

async function notHealthy(
  container: Docker.Container,
  process: Process,
  problem: string,
  lastProbe: string,
): Promise<GantryError> {
  const lines = await unlessMissing(lastLines(container, 20)).catch(() => undefined);
  return new GantryError({
    code: 'process.not-healthy',
    whose: 'environment',
    message: `${process.name} did not become healthy: ${problem}`,
    why: [`Last health check: ${lastProbe}`, ...(lines?.length ? ['Last output:', ...lines] : [])].join('\n'),
    next: `\`gantry logs ${process.name}\` shows everything it wrote.`,
  });
}
