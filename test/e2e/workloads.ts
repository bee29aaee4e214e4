import { cpus } from 'node:os';
import { expect } from 'vitest';
import type { Engine, SchemaStore } from '../../src/engine/engine.ts';
import { KeptOutput } from '../../src/engine/output.ts';
import { GantryError } from '../../src/errors.ts';
import type { Desired } from '../../src/model/desired.ts';
import * as model from '../../src/model/make.ts';
import type { Job, Process, RenderedFile } from '../../src/model/workload.ts';
import type { Plan } from '../../src/plan/step.ts';
import { type RunOptions, type RunResult, run } from '../../src/run/runner.ts';

/** Name of the image that importTinyImage makes. */
export const image = 'tiny';

/** Ends at once when it is told to, unlike a shell that waits for a program. */
export const forever = 'trap "exit 0" TERM; touch /tmp/ready; while :; do sleep 0.2; done';

export function file(path: string, content: string, more: Partial<RenderedFile> = {}): RenderedFile {
  return model.file(path, content, { gid: 913, secret: false, ...more });
}

/** Ledgers of tests are no databases: there are no schemas in them. */
export const noSchemas: SchemaStore = { read: async () => undefined, write: async () => {} };

/** A process that is healthy once it has made /tmp/ready. */
export function processOf(name: string, script: string, more: Partial<Process> = {}): Process {
  return model.process({
    name,
    service: 'test',
    image,
    command: ['sh', '-c', script],
    user: '913:913',
    health: {
      command: ['sh', '-c', 'test -e /tmp/ready || { echo not yet; exit 1; }'],
      intervalSeconds: 5,
      timeoutSeconds: 5,
      startSeconds: 60,
      retries: 3,
    },
    stop: { signal: 'SIGTERM', graceSeconds: 1 },
    ...more,
  });
}

export function jobOf(name: string, script: string, more: Partial<Job> = {}): Job {
  return model.job({
    name,
    service: 'test',
    image,
    command: ['sh', '-c', script],
    user: '913:913',
    timeoutSeconds: 60,
    ...more,
  });
}

/** What a command in a process writes, trimmed, with its exit code behind it where that is not 0. */
export async function outputOf(
  exec: Engine['exec'],
  cloud: string,
  process: string,
  command: string[],
  stdin?: string,
): Promise<string> {
  const output = new KeptOutput();
  const code = await exec(cloud, process, command, {
    stdout: output,
    stderr: output,
    ...(stdin === undefined ? {} : { stdin }),
  });
  return `${output.text.trim()}${code === 0 ? '' : ` (exit code ${code})`}`.trim();
}

/** Runs a job once and gives all that it wrote. */
export async function onceOf(
  engine: Engine,
  desired: Parameters<Engine['runOnce']>[0],
  job: Job,
  signal?: AbortSignal,
): Promise<{ code: number; stdout: Buffer; stderr: Buffer }> {
  const [stdout, stderr] = [new KeptOutput(), new KeptOutput()];
  const code = await engine.runOnce(desired, job, {
    stdout,
    stderr,
    ...(signal ? { signal } : {}),
  });
  return { code, stdout: stdout.bytes, stderr: stderr.bytes };
}

/** Does the steps of a plan. Throws the first failure. */
export async function perform(
  engine: Pick<Engine, 'executor'>,
  plan: Plan,
  desired: Desired,
  { emit, signal }: Pick<RunOptions, 'emit' | 'signal'>,
): Promise<RunResult> {
  const result = await run(plan, {
    title: 'test',
    execute: engine.executor(desired),
    emit,
    clock: () => performance.now(),
    cores: cpus().length,
    signal,
  });
  if (result.failed[0]) throw result.failed[0].error;
  return result;
}

/** The GantryError that a promise is to be rejected with. */
export async function failure(promise: Promise<unknown>): Promise<GantryError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(GantryError);
  return thrown as GantryError;
}
