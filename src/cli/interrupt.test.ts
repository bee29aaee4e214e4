import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { interruptionOf, interruptSignal, outliveReaders } from './interrupt.ts';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const before = new Map(names.map((name) => [name, process.listeners(name)]));

afterEach(() => {
  for (const name of names) {
    for (const listener of process.listeners(name)) {
      if (!before.get(name)?.includes(listener)) process.off(name, listener);
    }
  }
});

test('an interruption is found in what calls throw because of it', async () => {
  const signal = interruptSignal();
  process.emit('SIGTERM', 'SIGTERM');
  const ended = await sleep(60_000, undefined, { signal }).catch((thrown: unknown) => thrown);
  expect(ended).not.toBe(signal.reason);
  const wrapped = new Error('the server could not be made', { cause: ended });
  expect(interruptionOf(wrapped)?.message).toBe('interrupted by SIGTERM');
});

test('what is thrown for other reasons is none', () => {
  expect(interruptionOf(new Error('no', { cause: new Error('why') }))).toBeUndefined();
  expect(interruptionOf('no')).toBeUndefined();
});

test('a reader that leaves is no error; results that are lost are one, told once', () => {
  const [stdout, stderr] = [new EventEmitter(), new EventEmitter()];
  const told: string[] = [];
  outliveReaders(({ message }) => told.push(message), { stdout, stderr });
  stdout.emit('error', Object.assign(new Error('reader'), { code: 'EPIPE' }));
  for (const _ of ['first', 'second']) {
    stdout.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }));
    stderr.emit('error', Object.assign(new Error('progress'), { code: 'ENOSPC' }));
  }
  expect(told).toEqual(['full']);
});
