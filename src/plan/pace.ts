import type { ObservedInstance } from '../model/observed.ts';
import { isServing, type ProcessSteps } from './instances.ts';

/** Processes that are replaced at the same time. */
const AT_ONCE = 3;

/** What one process needs, with the instances that it had. */
export interface PlannedProcess extends ProcessSteps {
  before: readonly ObservedInstance[];
}

/**
 * Makes processes that serve give way to their successors a few at a time: each that starts takes a core for seconds,
 * and those that go on serving must answer meanwhile. What does not serve waits for nobody.
 * @param planned in the order of their dependencies; their steps are given more of these
 */
export function paceReplacements(planned: readonly PlannedProcess[]): void {
  const replacements = planned.filter(
    ({ before, steps }) => before.some(isServing) && steps.some(({ kind }) => kind === 'instance.start'),
  );
  for (const [index, { steps, ready }] of replacements.entries()) {
    const earlier = replacements[index - AT_ONCE];
    if (!earlier) continue;
    for (const step of steps) {
      const begins = step.kind === 'instance.start' || step.kind === 'instance.remove';
      // What is removed once the successor is ready comes after all this anyway.
      if (begins && !step.dependsOn.some((id) => ready.includes(id))) step.dependsOn.push(...earlier.ready);
    }
  }
}
