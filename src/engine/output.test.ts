import { expect, it } from 'vitest';
import { KeptOutput } from './output.ts';

it('keeps characters whole that come in pieces', () => {
  const output = new KeptOutput();
  for (const byte of Buffer.from('häuser')) output.write(Buffer.from([byte]));
  expect(output.text).toBe('häuser');
});

it('keeps the beginning of what is too much', () => {
  const output = new KeptOutput(5);
  for (const text of ['one', 'two', 'three']) output.write(text);
  expect(output.bytes).toEqual(Buffer.from('onetw'));
});
