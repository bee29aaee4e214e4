import type { ObservedInstance } from '../model/observed.ts';
import type { Process } from '../model/workload.ts';
import { describeReload, describeReplacement } from './changes.ts';
import { compareText } from './graph.ts';
import type { Identity } from './identity.ts';
import { type InstanceStep, type InstanceStepArgs, makeStep } from './instance-steps.ts';
import type { Replacement } from './pace.ts';
import type { StepOf } from './step.ts';
import type { ProcessSteps } from './walk.ts';

/** Grace given to instances whose own stop settings are not known any more. */
export const DEFAULT_GRACE_SECONDS = 30;

export interface ProcessSituation {
  process: Process;
  wanted: Identity;
  /** All instances of this process, of any ordinal. */
  instances: ObservedInstance[];
  /** Steps that must have succeeded before an instance is made: image, networks, volumes, what it is `after`. */
  beforeStart: string[];
  /** Of these, the ones that also matter to an instance that exists already. */
  beforeReady: string[];
  /** Why an instance that is not there is to be made. */
  causeOfAbsence: string;
}

/** The steps that bring all instances of one process to what is wanted. */
export function planProcess(situation: ProcessSituation): ProcessSteps<InstanceStep> {
  const { process, instances } = situation;
  const ordinals = Array.from({ length: process.replicas }, (_, ordinal) =>
    planOrdinal(
      situation,
      ordinal,
      instances.filter((instance) => instance.ordinal === ordinal),
    ),
  );
  replaceOneByOne(ordinals);
  const ready = ordinals.flatMap((planned) => planned.ready);
  const surplus = instances
    .filter((instance) => instance.ordinal >= process.replicas)
    .map((instance) => ({ instance, cause: 'no longer wanted' }));
  const steps = ordinals.flatMap((planned) => planned.steps);
  steps.push(...removeInstances(surplus, process.stop.graceSeconds, ready));
  const retired = steps.filter(({ kind }) => kind === 'instance.remove').map(({ id }) => id);
  return { steps, ready, retired, retirement: [] };
}

/** What is replaced by these steps of one process, if anything is. */
export function findReplacement(
  { instanceOf }: Process,
  { steps, ready }: Pick<ProcessSteps<InstanceStep>, 'steps' | 'ready'>,
  serves: boolean,
): Replacement[] {
  if (!steps.some(({ kind }) => kind === 'instance.start')) return [];
  const begins = steps.filter(
    ({ kind, dependsOn }) =>
      (kind === 'instance.start' || kind === 'instance.remove') &&
      // What is removed once the successor is ready comes later anyway.
      !dependsOn.some((id) => ready.includes(id)),
  );
  return [{ begins, ready, serves, instanceOf }];
}

interface OrdinalSteps extends Omit<ProcessSteps<InstanceStep>, 'retired' | 'retirement'> {
  /** The removal that stops the running instance before its successor starts. */
  removals: StepOf<InstanceStepArgs, 'instance.remove'>[];
  /** Whether what it removes first answers now. */
  wasServing: boolean;
}

/** The steps for one ordinal, given all its instances; several are what an interruption left. */
function planOrdinal(
  situation: ProcessSituation,
  ordinal: number,
  instances: ObservedInstance[],
): OrdinalSteps {
  const { process, wanted, beforeStart, beforeReady, causeOfAbsence } = situation;
  const subject = `${process.name}.${ordinal}`;
  const name = process.replicas > 1 ? subject : process.name;
  const fields = { subject, resource: process.name, group: process.service };
  const args = { process, ordinal, identity: wanted };
  const ranked = [...instances].sort((a, b) => rankOf(a) - rankOf(b) || compareText(a.id, b.id));
  const best = ranked.find((instance) => instance.identity === wanted.identity);
  const reload = best && describeReload(process, wanted, best);
  // A stopped or crashing one could not take up the files it may have stopped for: it is made anew.
  const remake = best !== undefined && reload !== undefined && isDown(best);
  const kept = best && best.state !== 'created' && !remake ? best : undefined;
  const halfMade = best?.state === 'created' ? best : undefined;
  const others = ranked.filter(
    (instance) => instance !== kept && instance !== halfMade && !(remake && instance === best),
  );

  const grace = process.stop.graceSeconds;
  const removeFirst: Removal[] = [];
  if (remake) removeFirst.push({ instance: best, cause: `${whyStopped(name, best)}; ${reload}` });
  const superseded = others.map((instance) => ({
    instance,
    cause: whySuperseded(situation, instance, name),
  }));
  if (process.update === 'recreate') removeFirst.push(...superseded);
  const needsStart = kept === undefined;
  const removals = removeInstances(removeFirst, grace, needsStart ? beforeStart : beforeReady);
  const removed = removals.map((step) => step.id);

  const steps: InstanceStep[] = [...removals];
  const ready: string[] = [];
  const wait = (cause: string, dependsOn: string[]) => {
    const step = makeStep('instance.wait', { ...fields, cause, dependsOn, args });
    steps.push(step);
    ready.push(step.id);
  };
  if (!kept) {
    const cause =
      removeFirst[0]?.cause ??
      superseded[0]?.cause ??
      (halfMade ? `${name} was only half made` : causeOfAbsence);
    const dependsOn = [...beforeStart, ...removed];
    const start = makeStep('instance.start', { ...fields, cause, dependsOn, args });
    steps.push(start);
    wait(cause, [start.id]);
  } else if (isDown(kept)) {
    const cause = whyStopped(name, kept);
    const dependsOn = [...beforeReady, ...removed];
    const restart = makeStep('instance.restart', {
      ...fields,
      cause,
      dependsOn,
      args: { instance: kept.id },
    });
    steps.push(restart);
    wait(cause, [restart.id]);
  } else {
    const reloads: string[] = [];
    if (reload) {
      const reloadArgs = { process, ordinal, instance: kept.id };
      const dependsOn = [...beforeReady, ...removed];
      const step = makeStep('instance.reload', { ...fields, cause: reload, dependsOn, args: reloadArgs });
      steps.push(step);
      reloads.push(step.id);
      ready.push(step.id);
    }
    if (!isServing(kept)) wait(whyNotReady(name, kept), [...beforeReady, ...removed, ...reloads]);
  }
  if (process.update === 'rolling') steps.push(...removeInstances(superseded, grace, ready));
  const wasServing = removeFirst.some(({ instance }) => isServing(instance));
  return { steps, ready, removals: needsStart ? removals : [], wasServing };
}

/**
 * Replicas that stop before their successors start do so one after another, so that a cluster keeps its
 * quorum; those that do not answer anyway go first.
 */
function replaceOneByOne(ordinals: OrdinalSteps[]): void {
  const replaced = ordinals.filter((planned) => planned.removals.length > 0);
  replaced.sort((a, b) => Number(a.wasServing) - Number(b.wasServing));
  for (const [index, planned] of replaced.entries()) {
    const previous = replaced[index - 1];
    if (!previous) continue;
    for (const removal of planned.removals) removal.dependsOn.push(...previous.ready);
  }
}

export interface Removal {
  instance: ObservedInstance;
  cause: string;
}

/** Removal steps; several of one workload and ordinal are told apart by a number. */
export function removeInstances(
  removals: Removal[],
  graceSeconds: number,
  dependsOn: readonly string[],
): StepOf<InstanceStepArgs, 'instance.remove'>[] {
  const counts = new Map<string, number>();
  return [...removals]
    .sort((a, b) => compareText(a.instance.id, b.instance.id))
    .map(({ instance, cause }) => {
      const base = subjectOfInstance(instance);
      const count = (counts.get(base) ?? 0) + 1;
      counts.set(base, count);
      return makeStep('instance.remove', {
        subject: count === 1 ? base : `${base} #${count}`,
        resource: instance.workload,
        group: instance.service,
        cause,
        dependsOn,
        args: { instance: instance.id, graceSeconds },
      });
    });
}

function subjectOfInstance(instance: ObservedInstance): string {
  return instance.kind === 'job' ? instance.workload : `${instance.workload}.${instance.ordinal}`;
}

/** Running and not known to be ill; without a health check, running is all one can know. */
export function isServing(instance: ObservedInstance): boolean {
  return instance.state === 'running' && (instance.health === 'healthy' || instance.health === 'none');
}

/** Has to be started: the engine does not, or waits longer each time with one that keeps stopping. */
function isDown(instance: ObservedInstance): boolean {
  return instance.state === 'exited' || instance.state === 'restarting';
}

/** Smaller is nearer to serving. */
function rankOf(instance: ObservedInstance): number {
  if (isServing(instance)) return 0;
  return { running: 1, restarting: 2, exited: 3, created: 4 }[instance.state];
}

function whySuperseded(
  { process, wanted }: ProcessSituation,
  instance: ObservedInstance,
  name: string,
): string {
  if (instance.identity === wanted.identity) return `a second ${name}, left by an interruption`;
  return describeReplacement(process, wanted, instance);
}

function whyStopped(name: string, instance: ObservedInstance): string {
  const verb = instance.state === 'restarting' ? 'keeps stopping' : 'had stopped';
  const code = instance.exitCode === undefined ? '' : ` (exit code ${instance.exitCode})`;
  const detail = instance.state === 'restarting' ? lastDetail(instance) : '';
  return `${name} ${verb}${code}${detail}`;
}

function whyNotReady(name: string, instance: ObservedInstance): string {
  const detail = lastDetail(instance);
  return instance.health === 'starting'
    ? `${name} is still starting${detail}`
    : `${name} is unhealthy${detail}`;
}

function lastDetail({ detail }: ObservedInstance): string {
  return detail ? `: ${detail.trim().split('\n').at(-1)}` : '';
}
