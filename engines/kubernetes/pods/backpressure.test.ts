import { expect, test } from 'vitest';
import { sendHeldBack } from './backpressure.ts';

test('a source waits while a mebibyte is under way, and goes on once there is room', () => {
  const calls: string[] = [];
  const underWay: (() => void)[] = [];
  const send = sendHeldBack({ send: (_channel, _data, sent) => void underWay.push(sent ?? (() => {})) }, 0, {
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
  });
  const piece = Buffer.alloc(524_288);
  send(piece);
  expect(calls).toEqual([]);
  send(piece);
  expect(calls).toEqual(['pause']);
  underWay.shift()?.();
  expect(calls).toEqual(['pause', 'resume']);
  underWay.shift()?.();
  expect(calls).toEqual(['pause', 'resume']);
});
