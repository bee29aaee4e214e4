import { nearestName } from '../config/nearest.ts';
import { ExitCode, GantryError, messageOf } from '../errors.ts';

/** Tests that are not run, with the reason. */
export interface Exclusion {
  /** Matched anywhere in a test's id. */
  tests: string;
  reason: string;
}

export interface Selection {
  /** Ids of the tests to run. */
  tests: string[];
  /** Exclusions that apply, with the tests that they leave out. */
  excluded: { reason: string; tests: string[] }[];
}

/** What Tempest marks as the tests that tell soonest whether a cloud works. */
const SMOKE = 'smoke';

/** A test's id without what is in brackets behind it: its UUID and attributes. */
export function nameOfTest(id: string): string {
  return id.replace(/\[.*$/, '');
}

/** What to look for in ids; `smoke` stands for the attribute. Throws `tempest.expression` with exit code 64. */
export function parseSelector(wanted: string): RegExp {
  if (wanted === SMOKE) return /\[(?:.*,)?smoke(?:,.*)?\]$/;
  try {
    return new RegExp(wanted);
  } catch (thrown) {
    throw new GantryError({
      code: 'tempest.expression',
      whose: 'user',
      message: `"${wanted}" is not a regular expression`,
      why: messageOf(thrown),
      exitCode: ExitCode.usage,
    });
  }
}

/**
 * The tests that are wanted and not excluded, in the order of `all`. Throws `tempest.no-test` with exit code 64
 * where there is none, naming what is nearest.
 */
export function selectTests(
  all: readonly string[],
  wanted: string,
  exclusions: readonly Exclusion[],
): Selection {
  const selector = parseSelector(wanted);
  const selected = all.filter((id) => selector.test(id));
  if (selected.length === 0) throw nothingSelected(all, wanted);
  const excluded = exclusions
    .map(({ tests, reason }) => ({ reason, tests: selected.filter((id) => new RegExp(tests).test(id)) }))
    .filter(({ tests }) => tests.length > 0);
  const out = new Set(excluded.flatMap(({ tests }) => tests));
  return { tests: selected.filter((id) => !out.has(id)), excluded };
}

function nothingSelected(all: readonly string[], wanted: string): GantryError {
  const near = nearestTests(all, wanted);
  return new GantryError({
    code: 'tempest.no-test',
    whose: 'user',
    message: `no test matches "${wanted}"`,
    why: `Tempest has ${all.length} tests, such as ${nameOfTest(all[0] ?? '')}.`,
    next: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Leave the value out for the smoke tests.',
    exitCode: ExitCode.usage,
  });
}

/** Packages, modules, classes and tests that are spelt most like it: in full, and by their last part. */
function nearestTests(all: readonly string[], wanted: string): string[] {
  const full = new Set<string>();
  const last = new Map<string, string>();
  for (const id of all) {
    const parts = nameOfTest(id).split('.');
    for (let end = 1; end <= parts.length; end++) {
      const name = parts.slice(0, end).join('.');
      full.add(name);
      if (!last.has(parts[end - 1] as string)) last.set(parts[end - 1] as string, name);
    }
  }
  const text = wanted.replace(/[\^$\\]/g, '');
  const byLast = nearestName(text.split('.').at(-1) ?? text, last.keys());
  const found = [nearestName(text, full), byLast === undefined ? undefined : last.get(byLast)];
  return [...new Set(found.filter((name) => name !== undefined))];
}
