import { type Cloud, openCloud, openRunningCloud } from '../cloud/cloud.ts';
import { ExitCode, GantryError } from '../errors.ts';
import { excerpt } from '../model/strings.ts';
import { acquireLock } from '../run/lock.ts';
import { KeptOutput } from '../run/output.ts';
import { applyPlan } from './apply.ts';
import { ask } from './ask.ts';
import { countSteps } from './display/words.ts';
import { interruptSignal } from './interrupt.ts';
import type { GlobalOptions } from './options.ts';

export interface RotateOptions extends GlobalOptions {
  yes?: boolean;
}

/** Holds the lock of a cloud that is up while its keys are changed; resolves to the exit code. */
export async function withRunningCloud(
  options: RotateOptions,
  what: string,
  change: (cloud: Cloud, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const { stateDirectory } = await openRunningCloud(options);
  const signal = interruptSignal();
  const lock = await acquireLock(stateDirectory, { command: `gantry rotate ${what}` });
  try {
    // Opened anew: what was there before the lock may have been changed meanwhile.
    return await change(await openCloud(options), signal);
  } finally {
    await lock.release();
  }
}

/** Throws where `up` would do anything: what a rotation replaces must be what it was said to be. */
export async function requireSettled(cloud: Cloud): Promise<void> {
  const { steps } = await cloud.engine.plan(cloud.desired, {});
  if (steps.length === 0) return;
  throw new GantryError({
    code: 'rotate.not-settled',
    whose: 'user',
    message: `the cloud ${cloud.config.name} is not what cloud.yaml says: ${countSteps(steps)} to do`,
    next: 'run "gantry plan" to see them and "gantry up" to do them, then rotate',
  });
}

/** Shows what is to be done and asks; --yes answers. Throws where the answer is no, or nobody can be asked. */
export async function confirm(text: string, options: RotateOptions): Promise<void> {
  process.stderr.write(`${text.trimEnd()}\n`);
  if (options.yes) return;
  const answer = await ask('Go on? [y/N] ');
  if (answer !== undefined && /^y(es)?$/i.test(answer)) return;
  throw new GantryError({
    code: 'rotate.not-confirmed',
    whose: 'user',
    message: `nothing was changed${answer === undefined ? ': nobody to ask' : ''}`,
    next: 'add --yes to go on without being asked',
    exitCode: ExitCode.usage,
  });
}

/** Brings the cloud to what its secrets and cloud.yaml say now; resolves to the exit code. */
export async function settle(
  options: RotateOptions,
  request: { title: string; signal: AbortSignal; renewCertificate?: boolean },
): Promise<number> {
  const { title, signal, renewCertificate = false } = request;
  const cloud = await openCloud(options, { renewCertificate });
  cloud.keep();
  const plan = await cloud.engine.plan(cloud.desired, {});
  if (plan.steps.length === 0) return ExitCode.done;
  return applyPlan(cloud, plan, { ...options, title, signal });
}

/** Runs a command in a process of the cloud; resolves to its output, throws with it where it fails. */
export async function runIn(
  { engine, config }: Cloud,
  process: string,
  command: string[],
  signal: AbortSignal,
): Promise<string> {
  const output = new KeptOutput();
  const code = await engine.exec(config.name, process, command, { stdout: output, stderr: output, signal });
  if (code === 0) return output.text;
  throw new GantryError({
    code: 'rotate.failed',
    whose: 'environment',
    message: `${command.join(' ')} ended with exit code ${code} in ${process}`,
    why: excerpt(output.text, 10),
  });
}
