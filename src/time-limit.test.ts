import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { timeLimit } from './time-limit.ts';

test('a time limit within another signal holds after memory was collected', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const signal = AbortSignal.any([new AbortController().signal, timeLimit(100)]);
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const late = new Promise<string>((resolve) => setTimeout(() => resolve('late'), 5000).unref());
  // What was made in a task is collected after it at the earliest.
  await setImmediate();
  collect();

  expect(await Promise.race([aborted, late])).toBeUndefined();
  expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'not done within 0.1 s' });
});
