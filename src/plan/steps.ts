import type { DesiredImage } from '../model/desired.ts';
import type { Task } from '../model/task.ts';
import type { Job } from '../model/workload.ts';
import type { StepSummary } from '../run/events.ts';
import type { Identity } from './identity.ts';
import type { ChangeKind, KindTraits, Step, StepOf } from './step.ts';

interface StepFields<Args> {
  /** What the id is made of besides the kind, such as `nova-api.0`. */
  subject: string;
  resource: string;
  group: string;
  cause: string;
  dependsOn?: readonly string[];
  destroys?: boolean;
  /** Where it is not what steps of its kind usually are. */
  change?: ChangeKind;
  args: Args;
}

/** Kinds of step of every engine. */
export interface CommonStepArgs {
  'image.build': { image: DesiredImage };
  /** Run to the end, record the success in the ledger, remove the container. */
  'job.run': { job: Job; identity: Identity };
  'task.run': { task: Task; identity: string };
}

const commonKinds: Record<keyof CommonStepArgs, KindTraits> = {
  'image.build': { verb: 'build image', change: 'create', seconds: 30, limit: { perCore: 1 } },
  'job.run': { verb: 'run', change: 'run', seconds: 5, limit: { perCore: 4 } },
  'task.run': { verb: 'run', change: 'run', seconds: 2 },
};

/** Makes the steps of an engine. */
export interface StepMaker<Args> {
  /** A step with its stable id; dependencies without repetitions. */
  makeStep<Kind extends keyof Args>(kind: Kind, fields: StepFields<Args[Kind]>): StepOf<Args, Kind>;
  stepId(kind: keyof Args & string, subject: string): string;
}

/**
 * All that is said of an engine's kinds of step.
 * @param own those that it has besides the kinds of every engine
 */
export function stepsOf<Args extends CommonStepArgs>(
  own: Record<Exclude<keyof Args, keyof CommonStepArgs>, KindTraits>,
): StepMaker<Args> {
  const kinds = { ...commonKinds, ...own } as Record<keyof Args, KindTraits>;
  const stepId = (kind: keyof Args & string, subject: string): string => `${kind} ${subject}`;
  return {
    stepId,
    makeStep(kind, { subject, dependsOn = [], destroys = false, ...rest }) {
      const id = `${String(kind)} ${subject}`;
      const step = { ...kinds[kind], kind, id, ...rest, dependsOn: [...new Set(dependsOn)], destroys };
      return step as unknown as StepOf<Args, typeof kind>;
    },
  };
}

export type CommonStep = StepOf<CommonStepArgs>;
export const commonSteps = stepsOf<CommonStepArgs>({});

/** The subject that a step's id was made of; several removals of one subject share it. */
export function subjectOf(step: { id: string; kind: string }): string {
  return step.id.slice(step.kind.length + 1).replace(/ #\d+$/, '');
}

/** What displays need to know of a step: everything but its arguments. */
export function summarizeStep({
  id,
  kind,
  verb,
  change,
  resource,
  group,
  cause,
  dependsOn,
}: Step): StepSummary {
  return { id, kind, verb, change, resource, group, cause, dependsOn };
}
