import { describe, expect, it } from 'vitest';
import { GantryError } from '../errors.ts';
import type { Emit } from '../run/events.ts';
import { systemClock } from './clock.ts';
import { type ActivityResult, Flow, Skip } from './flow.ts';

function makeFlow(signal = new AbortController().signal) {
  const log: string[] = [];
  const emit: Emit = (event) => {
    if (event.type === 'activity.finished') log.push(`${event.name} ${event.result}`);
  };
  return { flow: new Flow(systemClock, signal, emit), log };
}

function summarize(results: ActivityResult[]): string[] {
  return results.map(({ name, result, detail }) => [name, result, detail].filter(Boolean).join(': '));
}

const broken = new GantryError({ code: 'x', whose: 'environment', message: 'it broke', why: 'no disk' });

describe('Flow', () => {
  it('hands on values and starts as soon as what is needed is there', async () => {
    const { flow, log } = makeFlow();
    const one = flow.start('one', {}, async () => 1);
    const slow = flow.start('slow', {}, () => new Promise<number>((resolve) => setTimeout(resolve, 30, 10)));
    flow.start('next', { one }, async ({ one }, context) => context.note(`${one + 1}`));
    flow.start('both', { one, slow }, async ({ one, slow }, context) => context.note(`${one + slow}`));
    expect(summarize(await flow.finish())).toEqual(['one: ok', 'slow: ok', 'next: ok: 2', 'both: ok: 11']);
    expect(log.indexOf('next ok')).toBeLessThan(log.indexOf('slow ok'));
  });

  it('skips what needs a failed one, names the first cause, and finishes the rest', async () => {
    const { flow } = makeFlow();
    const first = flow.start('first', {}, () => Promise.reject(broken));
    const second = flow.start('second', { first }, async () => 2);
    flow.start('third', { second }, async () => 3);
    flow.start('other', {}, async () => 4);
    expect(summarize(await flow.finish())).toEqual([
      'first: failed: it broke: no disk',
      'second: skipped: first failed',
      'third: skipped: first failed',
      'other: ok',
    ]);
  });

  it('tells skipping from failing', async () => {
    const { flow } = makeFlow();
    const ping = flow.start('ping', {}, () => Promise.reject(new Skip('there is no ping')));
    flow.start('after', { ping }, async () => 1);
    expect(summarize(await flow.finish())).toEqual([
      'ping: skipped: there is no ping',
      'after: skipped: ping was skipped',
    ]);
  });

  it('takes an error of no known kind for a bug', async () => {
    const { flow } = makeFlow();
    flow.start('x', {}, () => Promise.reject(new TypeError('undefined is not a function')));
    expect((await flow.finish())[0]?.error?.whose).toBe('bug');
  });

  it('does not call an interruption a failure', async () => {
    const abort = new AbortController();
    const { flow } = makeFlow(abort.signal);
    flow.start('x', {}, () => {
      abort.abort(new Error('interrupted'));
      return Promise.reject(abort.signal.reason);
    });
    expect(summarize(await flow.finish())).toEqual(['x: skipped: interrupted']);
  });
});
