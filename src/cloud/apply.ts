import { cpus } from 'node:os';
import type { Plan } from '../plan/step.ts';
import { type RunResult, run as runPlan } from '../run/runner.ts';
import type { Run } from './change.ts';
import type { Cloud } from './cloud.ts';

/** Does what a plan says. A failed step is a result, not an error. */
export async function applyPlan(
  cloud: Pick<Cloud, 'desired' | 'engine'>,
  plan: Plan,
  title: string,
  { emit, signal }: Pick<Run, 'emit' | 'signal'>,
): Promise<RunResult> {
  return runPlan(plan, {
    title,
    execute: cloud.engine.executor(cloud.desired),
    emit,
    clock: () => performance.now(),
    cores: cpus().length,
    signal,
  });
}
