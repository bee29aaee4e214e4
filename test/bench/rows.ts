import { suggest } from '../../src/config/nearest.ts';
import { usageError } from '../../src/errors.ts';

/** What can be measured of a tree, by the name that it is asked for with. */
export const rowNames = [
  'help',
  'images',
  'plan',
  'plan-docker',
  'bare',
  'up',
  'again',
  'demo',
  'server',
  'idle',
  'memory',
  'kube-up',
  'kube-demo',
] as const;
export type RowName = (typeof rowNames)[number];

/** Fewer say nothing of how far values lie apart. */
export const LEAST_RUNS = 3;

/**
 * The rows that words name, each once, in the order of `valid`; `all` names all of those.
 * Throws `usage` with the nearest name for one that there is not.
 */
export function chooseRows(words: readonly string[], valid: readonly RowName[]): RowName[] {
  const known: readonly string[] = [...valid, 'all'];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) {
    throw usageError(`There is no row "${unknown}"${suggest(unknown, known)}`, {
      next: `There are: ${known.join(', ')}.`,
    });
  }
  return valid.filter((row) => words.includes('all') || words.includes(row));
}

/** Throws `usage`. */
export function parseRuns(text: string): number {
  const runs = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (runs >= LEAST_RUNS) return runs;
  throw usageError(`--runs ${text} is not a number from ${LEAST_RUNS} on`);
}
