import type { Outcome } from './outcome.ts';

/** What took how long, in seconds. */
export interface Timed {
  name: string;
  seconds: number;
}

/** What all of a run came to together. */
export class Total {
  passed = 0;
  failed = 0;
  readonly failures: string[] = [];
  readonly tests: Timed[] = [];
  /** Suites, and what they need. */
  readonly parts: Timed[] = [];

  /** Times and counts what a part comes to. */
  async add(name: string, part: Promise<Outcome>): Promise<Outcome> {
    const started = performance.now();
    const outcome = await part;
    this.passed += outcome.passed;
    this.failed += outcome.failed;
    this.failures.push(...outcome.failures);
    this.tests.push(...outcome.tests);
    this.parts.push({ name, seconds: (performance.now() - started) / 1000 });
    return outcome;
  }

  fail(what: string, details: readonly string[] = []): void {
    this.failed += 1;
    this.failures.push(`FAILED ${what}`, ...details.map((line) => `  ${line}`));
  }
}

/** A check that is one test. */
export function checked(name: string, passed: boolean): Outcome {
  const failures = passed ? [] : [`FAILED ${name}`];
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, failures, tests: [] };
}
