import type { Desired } from '../model/desired.ts';
import type { Task } from '../model/task.ts';
import { type Job, jobPhases, type Process, type Ref } from '../model/workload.ts';
import { sortByDependencies } from './graph.ts';

/** A workload or task. */
export type Dependent = {
  id: Ref;
  /** What must be so before it. */
  after: readonly Ref[];
  /** The workloads and tasks that these are about. */
  dependsOn: Ref[];
} & ({ type: 'process'; process: Process } | { type: 'job'; job: Job } | { type: 'task'; task: Task });

/**
 * All processes, jobs and tasks with dependencies first. Jobs and tasks record their success through the
 * ledger's process, so they depend on it whether they say so or not.
 * Throws GantryError `plan.unknown-dependency` or `plan.cycle`.
 */
export function orderDependents(
  desired: Pick<Desired, 'processes' | 'jobs' | 'tasks'> & Partial<Pick<Desired, 'ledger'>>,
): Dependent[] {
  const ledger: Ref[] = desired.ledger ? [`process:${desired.ledger.process}`] : [];
  const orderOf = (after: readonly Ref[]) => ({ after, dependsOn: after.map(subjectOf) });
  return sortByDependencies<Dependent>([
    ...desired.processes.map(
      (process): Dependent => ({
        id: `process:${process.name}`,
        ...orderOf(process.after),
        type: 'process',
        process,
      }),
    ),
    ...desired.jobs.map(
      (job): Dependent => ({
        id: `job:${job.name}`,
        ...orderOf([...job.after, ...phaseRefs(job, desired), ...ledger]),
        type: 'job',
        job,
      }),
    ),
    ...desired.tasks.map(
      (task): Dependent => ({
        id: `task:${task.name}`,
        ...orderOf([...task.after, ...ledger]),
        type: 'task',
        task,
      }),
    ),
  ]);
}

/** What a job comes after because of its phase: jobs of earlier phases, and at last the end of the older release. */
function phaseRefs({ service, phase }: Job, { jobs, processes }: Pick<Desired, 'jobs' | 'processes'>): Ref[] {
  if (!phase) return [];
  const earlier = jobPhases.slice(0, jobPhases.indexOf(phase));
  const refs = jobs
    .filter((one) => one.service === service && one.phase !== undefined && earlier.includes(one.phase))
    .map(({ name }): Ref => `job:${name}`);
  if (phase !== 'contract') return refs;
  return [
    ...refs,
    ...processes.filter((one) => one.service === service).map(({ name }): Ref => `retired:${name}`),
  ];
}

function subjectOf(ref: Ref): Ref {
  return ref.startsWith('retired:') ? `process:${nameOf(ref)}` : ref;
}

/** The name in a reference such as `process:nova-api`. */
export function nameOf(ref: Ref): string {
  return ref.slice(ref.indexOf(':') + 1);
}
