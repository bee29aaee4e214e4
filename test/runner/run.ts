import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Need, Suite } from '../suites.ts';
import { isFast } from './choice.ts';
import type { Commands } from './command.ts';
import { inOrder, type Provision } from './needs.ts';
import { type Outcome, readOutcome } from './outcome.ts';

/** What took how long, in seconds. */
export interface Timed {
  name: string;
  seconds: number;
}

/** What all suites of a run came to together. */
export interface Total extends Outcome {
  suites: Timed[];
}

/** Where what a suite leaves for whoever looks for a failure is kept, relative to the root. */
export const ARTIFACTS = 'test/artifacts';

/**
 * Runs the suites in their order, each after what it needs. When one of the fast ones fails, those that need an engine
 * are not begun. What a suite said and kept stays in its folder of `test/artifacts` when it fails.
 * @param say takes the name of what begins
 */
export async function runSuites(
  suites: readonly Suite[],
  all: Record<Need, Provision>,
  commands: Commands,
  say: (what: string) => void,
): Promise<Total> {
  const total: Total = { passed: 0, failed: 0, failures: [], tests: [], suites: [] };
  const provided = new Map<Need, boolean>();
  let isSound = true;
  const add = (what: string, outcome: Outcome, started: number): void => {
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    total.failures.push(...outcome.failures);
    total.tests.push(...outcome.tests);
    total.suites.push({ name: what, seconds: (performance.now() - started) / 1000 });
  };
  /** Resolves to what of it failed. */
  const provide = async (needs: readonly Need[]): Promise<string | undefined> => {
    for (const need of inOrder(needs, all)) {
      const { what, command } = all[need];
      if (!provided.has(need)) {
        say(what);
        const started = performance.now();
        const isThere = (await commands.run(command)) === 0;
        provided.set(need, isThere);
        add(what, checked(what, isThere), started);
      }
      if (!provided.get(need)) return what;
    }
    return undefined;
  };
  await rm(join(commands.root, ARTIFACTS), { recursive: true, force: true });
  try {
    for (const suite of suites) {
      if (commands.interrupted) break;
      const lacking = isSound || isFast(suite) ? await provide(suite.needs) : 'what is to pass before it';
      if (lacking !== undefined) {
        total.failures.push(`NOT RUN ${suite.name}: ${lacking} failed`);
        continue;
      }
      say(suite.name);
      const started = performance.now();
      const outcome = await runSuite(suite, commands);
      add(suite.name, outcome, started);
      if (isFast(suite) && outcome.failed > 0) isSound = false;
    }
  } finally {
    for (const need of [...provided.keys()].reverse()) {
      const { end } = all[need];
      if (end) await commands.run(end, { always: true });
    }
  }
  if (commands.interrupted) {
    total.failed += 1;
    total.failures.push('FAILED interrupted');
  }
  return total;
}

async function runSuite(suite: Suite, commands: Commands): Promise<Outcome> {
  const { name, runs } = suite;
  const folder = join(commands.root, ARTIFACTS, name);
  await mkdir(folder, { recursive: true });
  const options = { log: join(folder, 'output.log'), environment: { GANTRY_TEST_ARTIFACTS: folder } };
  let outcome: Outcome;
  if ('command' in runs) {
    outcome = checked(name, (await commands.run(runs.command, options)) === 0);
  } else {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const code = await commands.run(
      ['node_modules/.bin/vitest', 'run', '--project', runs.project, ...runs.files, ...reporters],
      options,
    );
    outcome = await readOutcome(report).catch(() => checked(`${name}: no report`, false));
    if (code !== 0 && outcome.failed === 0) {
      outcome = { ...outcome, failed: 1, failures: [`FAILED ${name}: vitest ended with ${code}`] };
    }
  }
  if (outcome.failed === 0) await rm(folder, { recursive: true });
  return outcome;
}

/** A check that is one test. */
function checked(name: string, passed: boolean): Outcome {
  return {
    passed: passed ? 1 : 0,
    failed: passed ? 0 : 1,
    failures: passed ? [] : [`FAILED ${name}`],
    tests: [],
  };
}
