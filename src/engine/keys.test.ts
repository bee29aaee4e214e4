import { expect, test } from 'vitest';
import { handOnKeys } from './keys.ts';

test('a terminal is as before once its keys are not handed on any more', () => {
  const modes: boolean[] = [];
  const terminal = { isTTY: true, isRaw: false, setRawMode: (raw: boolean) => void modes.push(raw) };
  const stop = handOnKeys(terminal as never);
  expect(modes).toEqual([true]);
  stop();
  expect(modes).toEqual([true, false]);
});

test.each([[undefined], ['text'], [{ isTTY: undefined }]])('of %s nothing changes', (stdin) => {
  expect(() => handOnKeys(stdin as never)()).not.toThrow();
});
