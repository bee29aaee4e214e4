import { suggest } from '../../src/config/nearest.ts';
import { usageError } from '../../src/errors.ts';
import type { Suite } from '../suites.ts';
import { matches } from './globs.ts';

/** What changed since a commit: paths relative to the root. */
export interface Changes {
  /** The commit, as people call it. */
  since: string;
  paths: readonly string[];
}

export interface Choice {
  suite: Suite;
  /** Whether it runs. */
  runs: boolean;
  /** Why it does, or why not. */
  reason: string;
}

/** Whether a suite needs nothing but this repository. */
export const isFast = ({ when, needs }: Suite): boolean => when === 'always' && needs.length === 0;

/** What every command of the project passes through. */
const everywhere = ['gantry', 'package-lock.json'];

/**
 * All suites in their order, each with whether it runs and why.
 * @param names suites, `fast` for those that need nothing, `all`; none for what the changes touch
 * @param changes undefined where there is nothing to compare with
 * @param supportOf files of `test/` that the suite is made of
 * Throws `usage` with the nearest name for one that there is not.
 */
export function choose(
  suites: readonly Suite[],
  names: readonly string[],
  changes: Changes | undefined,
  supportOf: (suite: Suite) => readonly string[],
): Choice[] {
  const valid = [...suites.map(({ name }) => name), 'all', 'fast'];
  const unknown = names.find((name) => !valid.includes(name));
  if (unknown !== undefined) {
    throw usageError(`There is no suite "${unknown}"${suggest(unknown, valid)}`, {
      next: `There are: ${valid.join(', ')}.`,
    });
  }
  return suites.map((suite) => {
    if (names.length > 0) return { suite, ...byName(suite, names) };
    if (suite.when !== 'touched') return { suite, runs: suite.when === 'always', reason: suite.when };
    if (changes === undefined) return { suite, runs: true, reason: 'there is nothing to compare with' };
    return { suite, ...byChanges(suite, changes, supportOf(suite)) };
  });
}

function byName(suite: Suite, names: readonly string[]): Omit<Choice, 'suite'> {
  const runs =
    names.includes(suite.name) || names.includes('all') || (names.includes('fast') && isFast(suite));
  return { runs, reason: runs ? 'asked for' : 'not asked for' };
}

/** Whether a path is one of those that a suite is about. */
export function isInput({ inputs, except = [] }: Pick<Suite, 'inputs' | 'except'>, path: string): boolean {
  const isAmong = (globs: readonly string[]) => globs.some((glob) => matches(glob, path));
  return !isOfUnitTests(path) && isAmong(inputs) && !isAmong(except);
}

function byChanges(
  suite: Suite,
  { since, paths }: Changes,
  support: readonly string[],
): Omit<Choice, 'suite'> {
  const touching = paths.filter(
    (path) => support.includes(path) || everywhere.includes(path) || isInput(suite, path),
  );
  const [first, ...more] = touching;
  if (first === undefined) return { runs: false, reason: `nothing that it is about changed since ${since}` };
  return { runs: true, reason: `${first} changed${more.length > 0 ? ` and ${more.length} more` : ''}` };
}

/** Whether a path is a unit test, or what these share. */
function isOfUnitTests(path: string): boolean {
  return /(\.test\.ts$|\/(golden|testing|__snapshots__)\/)/.test(path);
}
