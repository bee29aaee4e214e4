import { expect, test } from 'vitest';
import { TRANSFER_MIB, transfer } from './transfer.ts';

const never = new AbortController().signal;

test('all that was asked for must come', async () => {
  const asked: string[] = [];
  await transfer(async (command) => {
    asked.push(command);
    return '\0'.repeat(TRANSFER_MIB * 2 ** 20);
  }, never);
  expect(asked).toEqual([`head -c ${TRANSFER_MIB * 2 ** 20} /dev/zero`]);
});

test.each([
  ['less than all', async () => 'a few', /5 bytes came/],
  ['none', () => Promise.reject(new Error('Connection reset')), /Connection reset/],
])('%s is a failure that says where to look', async (_, run, why) => {
  const failure = transfer(run, never);
  await expect(failure).rejects.toMatchObject({ code: 'verify.transfer', why: expect.stringMatching(why) });
  await expect(failure).rejects.toMatchObject({ next: expect.stringContaining('MTU') });
});

test('an interruption is none', async () => {
  const interruption = new Error('interrupted');
  const run = () => Promise.reject(new Error('killed'));
  await expect(transfer(run, AbortSignal.abort(interruption))).rejects.toBe(interruption);
});
