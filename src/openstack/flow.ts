import { GantryError, messageOf } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import type { Emit } from '../run/events.ts';

/** Work under way, whose result other activities can need. */
export interface Activity<T> {
  readonly name: string;
  readonly value: Promise<T>;
}

/** What an activity may say while it runs. */
export interface ActivityContext {
  /** What it waits for right now, in words. */
  waiting(reason: string): void;
  progress(doneBytes: number, totalBytes: number | undefined): void;
  /** How it ended, in a few words, such as `created`. */
  note(detail: string): void;
}

export interface ActivityResult {
  name: string;
  result: 'ok' | 'failed' | 'skipped';
  /** From the moment that all it needs was there; 0 where it never ran. */
  seconds: number;
  detail: string;
  error?: GantryError;
}

type Needs = Record<string, Activity<unknown>>;
type Values<N extends Needs> = { [K in keyof N]: N[K] extends Activity<infer T> ? T : never };

/** Thrown by an activity that has nothing to do here. */
export class Skip extends Error {}

/**
 * Runs activities as early as what they need is there, all others at the same time. One that fails leaves those
 * that need it skipped and lets the rest go on.
 */
export class Flow {
  private readonly results: Promise<ActivityResult>[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
    private readonly emit: Emit,
  ) {}

  start<T, N extends Needs>(
    name: string,
    needs: N,
    run: (values: Values<N>, context: ActivityContext) => Promise<T>,
  ): Activity<T> {
    let detail = '';
    let startedAt: number | undefined;
    const context: ActivityContext = {
      waiting: (reason) => this.emit({ type: 'activity.waiting', name, reason }),
      progress: (done, total) => this.emit({ type: 'activity.progress', name, done, total }),
      note: (text) => {
        detail = text;
      },
    };
    const value = valuesOf(needs).then((values) => {
      startedAt = this.clock.now();
      this.emit({ type: 'activity.started', name });
      return run(values, context);
    });
    const result = value
      .then(
        () => ({ result: 'ok' as const, detail }),
        (thrown) => failure(thrown, this.signal),
      )
      .then((end) => {
        const seconds = startedAt === undefined ? 0 : (this.clock.now() - startedAt) / 1000;
        const complete: ActivityResult = { name, seconds, ...end };
        const { error, ...told } = complete;
        this.emit({ type: 'activity.finished', ...told, ...(error ? { error: error.message } : {}) });
        return complete;
      });
    this.results.push(result);
    const passedOn = value.catch((thrown) => Promise.reject(new NotReady(name, thrown)));
    // Nothing may need it, and the failure is in the results already.
    passedOn.catch(() => undefined);
    return { name, value: passedOn };
  }

  /** Waits for all activities; never fails. In the order in which they were described. */
  finish(): Promise<ActivityResult[]> {
    return Promise.all(this.results);
  }
}

/** Why the activities that need this one cannot run. */
class NotReady extends Error {
  constructor(
    readonly activity: string,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Skip ? `${activity} was skipped` : `${activity} failed`);
  }
}

async function valuesOf<N extends Needs>(needs: N): Promise<Values<N>> {
  const entries = await Promise.all(
    Object.entries(needs).map(async ([key, activity]) => [key, await activity.value]),
  );
  return Object.fromEntries(entries);
}

function failure(thrown: unknown, signal: AbortSignal): Pick<ActivityResult, 'result' | 'detail' | 'error'> {
  if (signal.aborted) return { result: 'skipped', detail: 'interrupted' };
  if (thrown instanceof NotReady) return { result: 'skipped', detail: rootOf(thrown).message };
  if (thrown instanceof Skip) return { result: 'skipped', detail: thrown.message };
  const error = thrown instanceof GantryError ? thrown : unexpected(thrown);
  const detail = error.why ? `${error.message}: ${error.why}` : error.message;
  return { result: 'failed', detail, error };
}

function rootOf(error: NotReady): NotReady {
  return error.cause instanceof NotReady ? rootOf(error.cause) : error;
}

function unexpected(thrown: unknown): GantryError {
  return new GantryError({
    code: 'openstack.unexpected',
    whose: 'bug',
    message: messageOf(thrown),
    cause: thrown,
  });
}
