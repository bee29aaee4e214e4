import { GantryError } from '../../src/errors.ts';
import { type Comparison, ratioOf } from './comparison.ts';
import type { RowName } from './rows.ts';

export interface Limit {
  row: RowName;
  /** Part of what was before by which it may be more: 0.15 is 15 %. */
  worsening: number;
}

/** What a release may not make worse than the one before did. Less is better in every row. */
export const budget: readonly Limit[] = [
  { row: 'help', worsening: 0.15 },
  { row: 'images', worsening: 0.15 },
  { row: 'plan', worsening: 0.15 },
  { row: 'up', worsening: 0.15 },
  { row: 'again', worsening: 0.15 },
  { row: 'demo', worsening: 0.15 },
  { row: 'server', worsening: 0.15 },
  { row: 'memory', worsening: 0.15 },
  { row: 'bare', worsening: 0.15 },
  { row: 'kube-up', worsening: 0.15 },
];

/** The lines that are over the limit of their row, each in words. What only one side has is not compared. */
export function overBudget(comparisons: readonly Comparison[], limits: readonly Limit[]): string[] {
  return comparisons.flatMap((comparison) => {
    const limit = limits.find(({ row }) => row === comparison.row);
    const ratio = ratioOf(comparison);
    if (limit === undefined || Number.isNaN(ratio) || ratio <= 1 + limit.worsening) return [];
    const { row, what } = comparison;
    return [`${row}: ${ratio.toFixed(2)} times, may be ${(1 + limit.worsening).toFixed(2)} (${what})`];
  });
}

/** Throws `bench.over-budget` with the lines that are over the limit of their row. */
export function checkBudget(
  base: string,
  comparisons: readonly Comparison[],
  limits: readonly Limit[],
): void {
  const over = overBudget(comparisons, limits);
  if (over.length === 0) return;
  const rows = new Set(over.map((line) => line.split(':')[0]));
  throw new GantryError({
    code: 'bench.over-budget',
    whose: 'user',
    message: `worse than ${base}: ${[...rows].join(', ')}`,
    why: over.join('\n'),
    next: 'Find the commit with `npm run bench -- compare REVISION ROW`, or say in docs/benchmarks.md what it bought.',
  });
}
