import { describe, expect, it } from 'vitest';
import type { Ledger } from '../model/desired.ts';
import { ledgerWriter, readLedger } from './ledger.ts';

const ledger: Ledger = { process: 'keeper', user: '900:900', read: ['read'], record: ['record'] };
const { signal } = new AbortController();

describe('readLedger', () => {
  it('takes whole lines and leaves out the rest', async () => {
    const output = 'nova\tabc\n\nwarning\nglance\tdef\r\nhalf a line\n';
    expect(await readLedger(ledger, async () => ({ exitCode: 0, output }))).toEqual({
      nova: 'abc',
      glance: 'def',
    });
  });

  it('knows nothing where the command fails or cannot be run', async () => {
    expect(await readLedger(ledger, async () => ({ exitCode: 1, output: 'nova\tabc\n' }))).toBeUndefined();
    expect(await readLedger(ledger, () => Promise.reject(new Error('gone')))).toBeUndefined();
  });

  it('asks once more where the command was late', async () => {
    const answers = [
      Promise.reject(new Error('late')),
      Promise.resolve({ exitCode: 0, output: 'nova\tabc\n' }),
    ];
    expect(await readLedger(ledger, () => answers.shift() ?? Promise.reject())).toEqual({ nova: 'abc' });
  });
});

describe('ledgerWriter', () => {
  it('records one call after the other, also after one that failed', async () => {
    const calls: string[] = [];
    let running = 0;
    const write = ledgerWriter({ ledger }, async (_command, { stdin = '' }) => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      calls.push(stdin);
      return { exitCode: stdin.startsWith('two') ? 1 : 0, output: '' };
    });
    const results = await Promise.allSettled([
      write({ one: 'a' }, signal),
      write({ two: 'b' }, signal),
      write({ three: 'c' }, signal),
    ]);
    expect(calls).toEqual(['one\ta\n', 'two\tb\n', 'three\tc\n']);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({
      reason: { code: 'ledger.not-recorded', why: 'record in keeper exited with code 1' },
    });
  });
});
