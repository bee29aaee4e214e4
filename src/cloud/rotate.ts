import { KeptOutput } from '../engine/output.ts';
import { GantryError } from '../errors.ts';
import { excerpt } from '../model/strings.ts';
import { countSteps } from '../plan/format.ts';
import { applyPlan } from './apply.ts';
import type { Caller } from './caller.ts';
import { changeRunning, type Ended, type Run } from './change.ts';
import type { Cloud, OpenOptions } from './cloud.ts';
import type { Configured } from './configured.ts';

/** Changes keys of a cloud that is up, under its lock. */
export async function rotateIn(
  configured: Configured,
  what: string,
  caller: Caller,
  rotate: (run: Run, cloud: Cloud) => Promise<Ended>,
): Promise<Ended> {
  return changeRunning(configured, { command: `gantry rotate ${what}` }, caller, rotate);
}

/** Throws where `up` would do anything: what is replaced must be what it was said to be. */
export async function requireUpToDate(cloud: Cloud, before: 'rotate' | 'collect' = 'rotate'): Promise<void> {
  const { steps } = await cloud.engine.plan(cloud.desired, {});
  if (steps.length === 0) return;
  throw new GantryError({
    code: `${before}.not-settled`,
    whose: 'user',
    message: `the cloud ${cloud.config.name} is not what cloud.yaml says: ${countSteps(steps)} to do`,
    next: `run "gantry plan" to see them and "gantry up" to do them, then ${before}`,
  });
}

/** Brings the cloud to what its secrets and cloud.yaml say now. */
export async function putInForce(
  title: string,
  run: Run,
  changed: Pick<OpenOptions, 'renewCertificate' | 'sections'> = {},
): Promise<Ended> {
  const cloud = await run.open(changed);
  cloud.keep();
  const plan = await cloud.engine.plan(cloud.desired, {});
  return plan.steps.length === 0 ? { result: 'done' } : applyPlan(cloud, plan, title, run);
}

/** Runs a command in a process of the cloud; resolves to its output, throws with it where it fails. */
export async function execIn(
  { engine, config }: Cloud,
  process: string,
  command: string[],
  signal: AbortSignal,
  failure = 'rotate.failed',
): Promise<string> {
  const output = new KeptOutput();
  const code = await engine.exec(config.name, process, command, { stdout: output, stderr: output, signal });
  if (code === 0) return output.text;
  throw new GantryError({
    code: failure,
    whose: 'environment',
    message: `${command.join(' ')} ended with exit code ${code} in ${process}`,
    why: excerpt(output.text, 10),
  });
}
