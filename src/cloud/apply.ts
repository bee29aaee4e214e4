import { cpus } from 'node:os';
import { execute } from '../engine/engine.ts';
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
  const executors = cloud.engine.executors(cloud.desired);
  return runPlan(plan, {
    title,
    execute: (step, context) => execute(executors, step, context),
    emit,
    clock: () => performance.now(),
    limits: {
      'image.build': cpus().length,
      'job.run': cpus().length * 4,
      // Images share layers: what one has brought there, the next does not send again.
      'image.publish': 1,
      'node.seed': 4,
    },
    signal,
  });
}
