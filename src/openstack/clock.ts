import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../model/clock.ts';

/** Its `sleep` rejects with the signal's reason. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    try {
      await delay(milliseconds, undefined, signal ? { signal } : {});
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};
