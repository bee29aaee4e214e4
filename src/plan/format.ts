import type { ChangeKind, KindTraits, Plan, Step } from './step.ts';
import { subjectOf } from './steps.ts';

/** What happens to one thing: the steps about it taken together. */
export interface Change {
  kind: ChangeKind;
  group: string;
  /** The resource, with its ordinal where there are several. */
  name: string;
  cause: string;
  /** True when data is lost. */
  destroys: boolean;
}

const symbols: Record<ChangeKind, string> = {
  create: '+',
  change: '~',
  replace: '-/+',
  destroy: '-',
  run: '>',
  wait: '~',
};

/** Groups that belong to no service, shown before all services. */
const leadingGroups = ['images', 'nodes', 'cloud', 'networks', 'volumes'];

/** The changes of a plan, grouped; groups and changes in the order of the steps. */
function listChanges(plan: Plan): Change[] {
  const bySubject = new Map<string, Step[]>();
  for (const step of plan.steps) {
    const key = `${identify(step)} ${subjectOf(step)}`;
    bySubject.set(key, [...(bySubject.get(key) ?? []), step]);
  }
  const changes = [...bySubject.values()].map((steps) => describeChange(steps, plan));
  const groups = [...new Set([...leadingGroups, ...changes.map((change) => change.group)])];
  return groups.flatMap((group) => changes.filter((change) => change.group === group));
}

export type ChangeCounts = Record<ChangeKind, number>;

/** How many changes of each kind a plan makes. */
function countChanges(changes: readonly Change[]): ChangeCounts {
  const counts: ChangeCounts = { create: 0, change: 0, replace: 0, destroy: 0, run: 0, wait: 0 };
  for (const change of changes) counts[change.kind] += 1;
  return counts;
}

/** The plan for people: changes by service with their causes, and a summary as the last line. */
export function formatPlan(plan: Plan): string {
  if (plan.steps.length === 0) return 'Nothing to do: nothing differs from what is wanted.\n';
  const changes = listChanges(plan);
  const width = Math.max(...changes.map((change) => change.name.length));
  const lines: string[] = [];
  let group: string | undefined;
  for (const change of changes) {
    if (change.group !== group) lines.push(...(group === undefined ? [] : ['']), change.group);
    group = change.group;
    const mark = change.destroys ? '  (destroys data)' : '';
    lines.push(`  ${symbols[change.kind].padEnd(3)} ${change.name.padEnd(width)}  ${change.cause}${mark}`);
  }
  return `${[...lines, '', summarizeChanges(changes)].join('\n')}\n`;
}

/** One line such as "Plan: 12 to create, 1 to replace, 0 to destroy, 3 to run." */
function summarizeChanges(changes: readonly Change[]): string {
  const counts = countChanges(changes);
  const parts = [
    `${counts.create} to create`,
    `${counts.replace} to replace`,
    `${counts.destroy} to destroy`,
  ];
  if (counts.change > 0) parts.push(`${counts.change} to change`);
  if (counts.run > 0) parts.push(`${counts.run} to run`);
  if (counts.wait > 0) parts.push(`${counts.wait} to wait for`);
  const lost = changes.filter((change) => change.destroys).length;
  return `Plan: ${parts.join(', ')}.${lost > 0 ? ` The data of ${lost} is destroyed.` : ''}`;
}

/** The plan for programs. Arguments are left out: they hold files with secrets. */
export interface PlanJson {
  cloud: string;
  summary: ChangeCounts;
  changes: Change[];
  steps: Omit<Step, keyof KindTraits | 'args'>[];
}

/** The plan as plain data without secrets. */
export function planToJson(plan: Plan): PlanJson {
  const changes = listChanges(plan);
  const steps = plan.steps.map(({ kind, id, resource, group, cause, dependsOn, destroys }) => ({
    kind,
    id,
    resource,
    group,
    cause,
    dependsOn,
    destroys,
  }));
  return { cloud: plan.cloud, summary: countChanges(changes), changes, steps };
}

function describeChange(steps: Step[], plan: Plan): Change {
  const kinds = new Set(steps.map(({ change }) => change));
  const kind = chooseKind(kinds);
  const first = steps.find((step) => step.change !== 'wait') ?? (steps[0] as Step);
  // Of a replacement, the start says why; its removal may only say what is in the way.
  const telling = steps.find((step) => step.change === 'create') ?? first;
  return {
    kind,
    group: first.group,
    name: nameOf(first, plan),
    cause: telling.cause,
    destroys: steps.some((step) => step.destroys),
  };
}

function chooseKind(kinds: Set<ChangeKind>): ChangeKind {
  if (kinds.has('create')) return kinds.has('destroy') ? 'replace' : 'create';
  for (const kind of ['replace', 'run', 'change', 'destroy'] as const) if (kinds.has(kind)) return kind;
  return 'wait';
}

/** Tells apart things of different types that share a name, such as a process and its volume. */
function identify(step: Step): string {
  return `${step.group} ${step.kind.slice(0, step.kind.indexOf('.'))} ${step.resource}`;
}

function nameOf(step: Step, plan: Plan): string {
  const subject = subjectOf(step);
  if (subject !== `${step.resource}.0`) return subject;
  const same = plan.steps.filter((other) => identify(other) === identify(step));
  return same.every((other) => subjectOf(other) === subject) ? step.resource : subject;
}

/** `1 step`, `3 steps`. */
export function countSteps({ length }: readonly unknown[]): string {
  return `${length} ${length === 1 ? 'step' : 'steps'}`;
}
