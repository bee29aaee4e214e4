import type { StepContext } from '../engine/engine.ts';
import { GantryError, messageOf, reportError } from '../errors.ts';
import { compareText, dependentsOf } from '../plan/graph.ts';
import type { Plan, Step } from '../plan/step.ts';
import { summarizeStep } from '../plan/steps.ts';
import type { Emit, RunOutcome } from './events.ts';
import { measureRemaining } from './schedule.ts';

export interface RunOptions {
  /** What the run is about, for displays, such as "Bringing up cloud demo". */
  title: string;
  /** Does one step; rejects when it failed. */
  execute(step: Step, context: StepContext): Promise<void>;
  emit: Emit;
  /** Monotonic, in milliseconds. */
  clock(): number;
  /** Cores of this machine, which limit how many steps of some kinds run at once. */
  cores: number;
  signal: AbortSignal;
}

export interface RunResult {
  result: RunOutcome;
  failed: { step: Step; error: GantryError }[];
  skipped: { step: Step; because: string }[];
  /** By step id, for steps that started; milliseconds of the given clock. */
  timings: Map<string, { startedAt: number; endedAt: number }>;
}

/**
 * Runs the steps whose dependencies succeeded, the longest remaining path first. A failed step makes its
 * dependents skipped; all else finishes. After an abort nothing new starts and running steps get the signal.
 * Each step ends in exactly one event: finished, failed or skipped. Rejects only for a plan that cannot be
 * run at all (`plan.cycle`, `plan.unknown-dependency`).
 */
export async function run(plan: Plan, options: RunOptions): Promise<RunResult> {
  const { emit } = options;
  const remaining = measureRemaining(plan.steps);
  const queue = [...plan.steps].sort(
    (a, b) => (remaining.get(b.id) ?? 0) - (remaining.get(a.id) ?? 0) || compareText(a.id, b.id),
  );
  emit({ type: 'run.started', title: options.title, steps: plan.steps.map(summarizeStep) });
  const state = new RunState(plan.steps, queue, options);
  await state.finish();
  const { failed, skipped, timings } = state;
  const result = state.interrupted ? 'interrupted' : failed.length > 0 ? 'failed' : 'done';
  const finished = plan.steps.length - failed.length - skipped.length;
  emit({ type: 'run.finished', result, finished, failed: failed.length, skipped: skipped.length });
  return { result, failed, skipped, timings };
}

class RunState {
  readonly failed: RunResult['failed'] = [];
  readonly skipped: RunResult['skipped'] = [];
  readonly timings: RunResult['timings'] = new Map();
  /** True once a step did not run to its end because of the abort. */
  interrupted = false;
  private readonly byId: Map<string, Step>;
  private readonly dependents: Map<string, string[]>;
  /** Dependencies of each waiting step that have not succeeded yet. */
  private readonly blockers: Map<string, number>;
  private readonly waiting: Set<Step>;
  private readonly runningByKind = new Map<string, number>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    steps: readonly Step[],
    queue: readonly Step[],
    private readonly options: RunOptions,
  ) {
    this.byId = new Map(steps.map((step) => [step.id, step]));
    this.dependents = dependentsOf(steps);
    this.blockers = new Map(steps.map((step) => [step.id, new Set(step.dependsOn).size]));
    this.waiting = new Set(queue);
  }

  /** Resolves when every step has ended. */
  async finish(): Promise<void> {
    for (this.startReady(); this.running.size > 0; this.startReady()) await Promise.race(this.running);
    for (const step of this.waiting) this.interrupt(step, 'the run was interrupted');
  }

  private startReady(): void {
    for (const step of this.waiting) {
      if (this.options.signal.aborted) return;
      const running = this.runningByKind.get(step.kind) ?? 0;
      if (this.blockers.get(step.id) !== 0 || running >= limitOf(step, this.options.cores)) continue;
      this.waiting.delete(step);
      this.runningByKind.set(step.kind, running + 1);
      const ended = this.runStep(step).finally(() => {
        this.running.delete(ended);
        this.runningByKind.set(step.kind, (this.runningByKind.get(step.kind) ?? 0) - 1);
      });
      this.running.add(ended);
    }
  }

  private async runStep(step: Step): Promise<void> {
    const { clock, emit, execute, signal } = this.options;
    const { id } = step;
    const timing = { startedAt: clock(), endedAt: Number.NaN };
    this.timings.set(id, timing);
    emit({ type: 'step.started', id });
    let ended = false;
    // What a step still says after its end would confuse displays that have closed its line.
    const whileRunning: Emit = (event) => {
      if (!ended) emit(event);
    };
    const context: StepContext = {
      signal,
      waiting: (reason) => whileRunning({ type: 'step.waiting', id, reason }),
      progress: (done, total, unit, text) =>
        whileRunning({ type: 'step.progress', id, done, total, unit, ...(text !== undefined && { text }) }),
      log: (line) => whileRunning({ type: 'step.log', id, line }),
    };
    try {
      await execute(step, context);
      this.succeed(step);
    } catch (thrown) {
      if (signal.aborted) this.interrupt(step, whyInterrupted(thrown, signal));
      else this.fail(step, asGantryError(step, thrown));
    } finally {
      ended = true;
      timing.endedAt = clock();
    }
  }

  private succeed(step: Step): void {
    this.options.emit({ type: 'step.finished', id: step.id });
    for (const id of this.dependents.get(step.id) ?? []) {
      this.blockers.set(id, (this.blockers.get(id) as number) - 1);
    }
  }

  private fail(step: Step, error: GantryError): void {
    this.failed.push({ step, error });
    this.options.emit({ type: 'step.failed', id: step.id, error: reportError(error) });
    this.skipDependents(step.id, `${step.id} failed`);
  }

  private interrupt(step: Step, because: string): void {
    this.interrupted = true;
    this.skip(step, because);
  }

  private skip(step: Step, because: string): void {
    this.waiting.delete(step);
    this.skipped.push({ step, because });
    this.options.emit({ type: 'step.skipped', id: step.id, because });
  }

  private skipDependents(id: string, because: string): void {
    for (const dependent of this.dependents.get(id) ?? []) {
      const step = this.byId.get(dependent) as Step;
      if (!this.waiting.has(step)) continue;
      this.skip(step, because);
      this.skipDependents(dependent, because);
    }
  }
}

function asGantryError(step: Step, thrown: unknown): GantryError {
  if (thrown instanceof GantryError) return thrown;
  return new GantryError({
    code: 'run.unexpected',
    whose: 'bug',
    message: `${step.id} failed unexpectedly.`,
    why: messageOf(thrown),
    next: 'Report this as a bug, with the output of the same command with --progress json.',
    cause: thrown,
  });
}

/** An abort usually shows as an error of whatever was under way: kept in the reason, not counted as failure. */
function whyInterrupted(thrown: unknown, signal: AbortSignal): string {
  const plain = thrown === signal.reason || (thrown instanceof Error && thrown.name === 'AbortError');
  return plain ? 'the run was interrupted' : `the run was interrupted (${messageOf(thrown)})`;
}

/** How many steps of a kind may run at once. */
function limitOf({ limit = Number.POSITIVE_INFINITY }: Step, cores: number): number {
  return typeof limit === 'number' ? limit : limit.perCore * cores;
}
