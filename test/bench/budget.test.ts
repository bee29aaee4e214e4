import { expect, test } from 'vitest';
import { budget, checkBudget, overBudget } from './budget.ts';
import type { Comparison } from './comparison.ts';

const limits = [
  { row: 'help', worsening: 0.15 },
  { row: 'up', worsening: 0.5 },
] as const;

function comparison(row: string, before: number[], after: number[]): Comparison {
  return { row, what: `what ${row} is`, unit: 's', before, after };
}

test('a row may be worse by as much as its limit says', () => {
  const all = [comparison('help', [100], [115]), comparison('up', [10], [14]), comparison('idle', [1], [9])];
  expect(overBudget(all, limits)).toEqual([]);
  expect(() => checkBudget('v1.0', all, limits)).not.toThrow();
});

test('what is over it is named, with its ratio', () => {
  const all = [comparison('help', [100], [116]), comparison('up', [10], [16]), comparison('up', [10], [10])];
  expect(overBudget(all, limits)).toEqual([
    'help: 1.16 times, may be 1.15 (what help is)',
    'up: 1.60 times, may be 1.50 (what up is)',
  ]);
  expect(() => checkBudget('v1.0', all, limits)).toThrow(
    expect.objectContaining({
      code: 'bench.over-budget',
      message: 'worse than v1.0: help, up',
      exitCode: 1,
    }),
  );
});

test('it is the medians that count, and what only one side has does not', () => {
  const all = [comparison('help', [1, 1, 1], [1, 1, 9]), comparison('help', [], [9])];
  expect(overBudget(all, limits)).toEqual([]);
});

test('each row of the budget is in it once', () => {
  const rows = budget.map(({ row }) => row);
  expect(new Set(rows).size).toBe(rows.length);
});
