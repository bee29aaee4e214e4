import { dependentsOf, sortByDependencies } from '../plan/graph.ts';
import type { Step } from '../plan/step.ts';

/** For each step, the usual seconds from its start to the end of the longest path through its dependents. */
export function measureRemaining(steps: readonly Step[]): Map<string, number> {
  const dependents = dependentsOf(steps);
  const remaining = new Map<string, number>();
  for (const step of sortByDependencies(steps).reverse()) {
    const after = (dependents.get(step.id) ?? []).map((id) => remaining.get(id) ?? 0);
    remaining.set(step.id, step.seconds + Math.max(0, ...after));
  }
  return remaining;
}
