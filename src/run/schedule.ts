import { dependentsOf, sortByDependencies } from '../plan/graph.ts';
import type { Step, StepKind } from '../plan/step.ts';

/** Usual seconds of each kind of step: only their proportions matter, for what to start first. */
const usualSeconds: Record<StepKind, number> = {
  'image.build': 30,
  'network.create': 1,
  'network.remove': 1,
  'volume.create': 1,
  'volume.remove': 1,
  'instance.start': 1,
  'instance.wait': 5,
  'instance.reload': 1,
  'instance.restart': 1,
  'instance.remove': 2,
  'image.publish': 5,
  'node.label': 1,
  'node.seed': 10,
  'node.clean': 5,
  'claim.grow': 1,
  'bundle.apply': 1,
  'bundle.wait': 8,
  'bundle.reload': 1,
  'bundle.remove': 3,
  'job.run': 5,
  'task.run': 2,
};

/** For each step, the usual seconds from its start to the end of the longest path through its dependents. */
export function measureRemaining(steps: readonly Step[]): Map<string, number> {
  const dependents = dependentsOf(steps);
  const remaining = new Map<string, number>();
  for (const step of sortByDependencies(steps).reverse()) {
    const after = (dependents.get(step.id) ?? []).map((id) => remaining.get(id) ?? 0);
    remaining.set(step.id, usualSeconds[step.kind] + Math.max(0, ...after));
  }
  return remaining;
}
