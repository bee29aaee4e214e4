import { describe, expect, it } from 'vitest';
import type { Clock } from '../model/clock.ts';
import { ApiError } from './errors.ts';
import { type WaitOptions, waitFor } from './wait.ts';

/** A clock that a sleep moves forward at once. */
function fakeClock(): Clock & { time: number } {
  return {
    time: 0,
    now() {
      return this.time;
    },
    async sleep(milliseconds) {
      this.time += milliseconds;
    },
  };
}

function wait(look: WaitOptions<string>['look'], more: Partial<WaitOptions<string>> = {}) {
  return waitFor<string>({
    failure: 'the server did not answer',
    limitMs: 5000,
    everyMs: 1000,
    look,
    signal: new AbortController().signal,
    clock: fakeClock(),
    ...more,
  });
}

describe('waitFor', () => {
  it('says each new reason once', async () => {
    const states = [{ waiting: 'a' }, { waiting: 'a' }, { waiting: 'b' }, { done: 'there' }];
    const reasons: string[] = [];
    const result = await wait(async () => states.shift() as { done: string }, {
      waiting: (reason) => reasons.push(reason),
    });
    expect(result).toBe('there');
    expect(reasons).toEqual(['a', 'b']);
  });

  it('gives up with the last reason and what else there is to know', async () => {
    const waiting = wait(async () => ({ waiting: 'BUILD' }), { explain: async () => 'Kernel panic' });
    await expect(waiting).rejects.toMatchObject({
      code: 'openstack.wait-timeout',
      message: 'the server did not answer within 5 s',
      why: 'BUILD\nKernel panic',
    });
  });

  it('outlasts an API that is away, but not one that says no', async () => {
    const api = (status: number) => new ApiError({ service: 'compute', request: 'GET x', status, text: '' });
    const errors = [api(503), api(500)];
    const look = async () => {
      const error = errors.shift();
      if (error) throw error;
      return { done: 'back' };
    };
    expect(await wait(look)).toBe('back');
    await expect(wait(() => Promise.reject(api(404)))).rejects.toMatchObject({ status: 404 });
  });

  it('ends with the reason of the signal', async () => {
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(wait(async () => ({ done: 'x' }), { signal })).rejects.toThrow('interrupted');
  });

  it('ends at once where what it waits for cannot come any more', async () => {
    const clock = fakeClock();
    const watch = async (): Promise<void> => {
      if (clock.time >= 2000) throw new Error('the server is paused');
    };
    await expect(wait(async () => ({ waiting: 'a' }), { clock, watch })).rejects.toThrow('paused');
    expect(clock.time).toBe(2000);
  });
});
