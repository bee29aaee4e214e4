import type { Desired } from '../model/desired.ts';
import type { Job, Process, Ref } from '../model/workload.ts';
import { type Dependent, nameOf } from './dependencies.ts';
import { identityOfTask, wantedIdentity } from './identity.ts';
import { whyRun } from './jobs.ts';
import type { Step } from './step.ts';
import { type CommonStep, commonSteps } from './steps.ts';

export interface ProcessSteps<S extends Step> {
  steps: S[];
  /** Ids of the steps after which the process is ready, for what depends on it. */
  ready: string[];
  /** Ids of the steps after which, with those, no instance of another identity is left. */
  retired: string[];
  /** Steps that have to be done besides for that: taken only where a job or task that runs waits for it. */
  retirement: S[];
}

export interface JobSteps<S extends Step> {
  /** What an earlier run left is removed by these. */
  leftovers: S[];
  /** Ids of the steps that must have succeeded before it runs, besides what it comes after. */
  before: string[];
}

/** How an engine brings about one part of a cloud; `after` is ids of steps that must have succeeded. */
export interface PartPlanner<S extends Step> {
  process(process: Process, after: string[]): ProcessSteps<S>;
  job(job: Job, runs: boolean): JobSteps<S>;
}

interface Walked<S extends Step> {
  steps: (S | CommonStep)[];
  /** Ids of the steps after which something is ready; none where it is already. */
  ready: ReadonlyMap<Ref, readonly string[]>;
}

/** The steps of all dependents, each after those of what it depends on. Jobs and tasks run where the ledger lacks them. */
export function planDependents<S extends Step>(
  dependents: readonly Dependent[],
  desired: Pick<Desired, 'images'>,
  observed: { ledger: Record<string, string> | undefined; ledgerExists: boolean },
  planner: PartPlanner<S>,
): Walked<S> {
  const { makeStep } = commonSteps;
  const steps: (S | CommonStep)[] = [];
  const ready = new Map<Ref, readonly string[]>();
  const retirements = new Map<Ref, readonly S[]>();
  const idsOf = (refs: readonly Ref[]): string[] => refs.flatMap((ref) => ready.get(ref) ?? []);
  const retire = (refs: readonly Ref[]): void => {
    for (const ref of refs) {
      const retirement = retirements.get(ref) ?? [];
      retirements.delete(ref);
      steps.push(...retirement);
      if (retirement.length > 0) ready.set(ref, [...idsOf([ref]), ...retirement.map(({ id }) => id)]);
    }
  };
  for (const dependent of dependents) {
    if (dependent.type === 'process') {
      const { process } = dependent;
      const planned = planner.process(process, idsOf(dependent.after));
      steps.push(...planned.steps);
      ready.set(dependent.id, planned.ready);
      ready.set(`retired:${process.name}`, [...planned.ready, ...planned.retired]);
      retirements.set(`retired:${process.name}`, planned.retirement);
      continue;
    }
    const name = nameOf(dependent.id);
    const fields = { subject: name, resource: name };
    if (dependent.type === 'job') {
      const { job } = dependent;
      const identity = wantedIdentity(job, desired);
      const cause = whyRun(name, identity.identity, observed, 'its schema or settings');
      const { leftovers, before } = planner.job(job, cause !== undefined);
      steps.push(...leftovers);
      if (cause === undefined) continue;
      retire(dependent.after);
      const dependsOn = [...before, ...idsOf(dependent.after), ...leftovers.map(({ id }) => id)];
      const args = { job, identity };
      const step = makeStep('job.run', { ...fields, group: job.service, cause, dependsOn, args });
      steps.push(step);
      ready.set(dependent.id, [step.id]);
    } else {
      const { task } = dependent;
      const identity = identityOfTask(task);
      const cause = whyRun(name, identity, observed, 'what it registers');
      if (cause === undefined) continue;
      retire(dependent.after);
      const dependsOn = idsOf(dependent.after);
      const args = { task, identity };
      const step = makeStep('task.run', { ...fields, group: task.service, cause, dependsOn, args });
      steps.push(step);
      ready.set(dependent.id, [step.id]);
    }
  }
  return { steps, ready };
}
