import { GantryError } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import { isPassing } from './errors.ts';

export interface WaitOptions<T> {
  /** Completes "… within 60 s", such as `server demo did not become ACTIVE`. */
  failure: string;
  limitMs: number;
  everyMs: number;
  /** The result, or why there is none yet. */
  look(): Promise<{ done: T } | { waiting: string }>;
  /** Runs before each look, and ends the wait by throwing where what is waited for cannot come any more. */
  watch?: (() => Promise<void>) | undefined;
  waiting?: ((reason: string) => void) | undefined;
  /** What to add when the time is up, such as the last lines of a console. */
  explain?: (() => Promise<string>) | undefined;
  signal: AbortSignal;
  clock: Clock;
}

/**
 * Looks again and again until there is a result. An API that cannot be reached for a while, such as one that is being
 * replaced, is one more thing to wait for. Throws `openstack.wait-timeout`, and what `look` and `watch` throw otherwise.
 */
export async function waitFor<T>(options: WaitOptions<T>): Promise<T> {
  const { clock, signal } = options;
  const deadline = clock.now() + options.limitMs;
  for (let last = ''; ; ) {
    signal.throwIfAborted();
    const state = await lookOnce(options).catch(waitForPassing);
    if ('done' in state) return state.done;
    if (state.waiting !== last) options.waiting?.(state.waiting);
    last = state.waiting;
    if (clock.now() >= deadline) {
      const more = (await options.explain?.()) ?? '';
      throw new GantryError({
        code: 'openstack.wait-timeout',
        whose: 'environment',
        message: `${options.failure} within ${options.limitMs / 1000} s`,
        why: [last, more].filter((text) => text !== '').join('\n'),
      });
    }
    await clock.sleep(options.everyMs, signal);
  }
}

async function lookOnce<T>({ watch, look }: WaitOptions<T>): ReturnType<WaitOptions<T>['look']> {
  await watch?.();
  return look();
}

function waitForPassing(error: unknown): { waiting: string } {
  if (isPassing(error)) return { waiting: error.message };
  throw error;
}
