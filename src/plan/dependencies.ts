import type { Desired } from '../model/desired.ts';
import type { Task } from '../model/task.ts';
import type { Job, Process, Ref } from '../model/workload.ts';
import { sortByDependencies } from './graph.ts';

/** A workload or task with the things that must be ready before it. */
export type Dependent = { id: Ref; dependsOn: Ref[] } & (
  | { type: 'process'; process: Process }
  | { type: 'job'; job: Job }
  | { type: 'task'; task: Task }
);

/**
 * All processes, jobs and tasks with dependencies first. Jobs and tasks record their success through the
 * ledger's process, so they depend on it whether they say so or not.
 * Throws GantryError `plan.unknown-dependency` or `plan.cycle`.
 */
export function orderDependents(
  desired: Pick<Desired, 'processes' | 'jobs' | 'tasks'> & Partial<Pick<Desired, 'ledger'>>,
): Dependent[] {
  const ledger: Ref[] = desired.ledger ? [`process:${desired.ledger.process}`] : [];
  return sortByDependencies<Dependent>([
    ...desired.processes.map(
      (process): Dependent => ({
        id: `process:${process.name}`,
        dependsOn: process.after,
        type: 'process',
        process,
      }),
    ),
    ...desired.jobs.map(
      (job): Dependent => ({
        id: `job:${job.name}`,
        dependsOn: [...job.after, ...ledger],
        type: 'job',
        job,
      }),
    ),
    ...desired.tasks.map(
      (task): Dependent => ({
        id: `task:${task.name}`,
        dependsOn: [...task.after, ...ledger],
        type: 'task',
        task,
      }),
    ),
  ]);
}

/** The name in a reference such as `process:nova-api`. */
export function nameOf(ref: Ref): string {
  return ref.slice(ref.indexOf(':') + 1);
}
