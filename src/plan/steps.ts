import type { StepSummary } from '../run/events.ts';
import type { Step, StepArgs, StepKind, StepOf } from './step.ts';

interface StepFields<K extends StepKind> {
  /** What the id is made of besides the kind, such as `nova-api.0`. */
  subject: string;
  resource: string;
  group: string;
  cause: string;
  dependsOn?: readonly string[];
  destroys?: boolean;
  args: StepArgs[K];
}

/** A step with its stable id; dependencies without repetitions. */
export function makeStep<K extends StepKind>(kind: K, fields: StepFields<K>): StepOf<K> {
  const { subject, dependsOn = [], destroys = false, ...rest } = fields;
  const step = { kind, id: stepId(kind, subject), ...rest, dependsOn: [...new Set(dependsOn)], destroys };
  return step as unknown as StepOf<K>;
}

export function stepId(kind: StepKind, subject: string): string {
  return `${kind} ${subject}`;
}

/** The subject that a step's id was made of; several removals of one subject share it. */
export function subjectOf(step: { id: string; kind: StepKind }): string {
  return step.id.slice(step.kind.length + 1).replace(/ #\d+$/, '');
}

/** What displays need to know of a step: everything but its arguments. */
export function summarizeStep({ id, kind, resource, group, cause, dependsOn }: Step): StepSummary {
  return { id, kind, resource, group, cause, dependsOn };
}
