import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Need, Suite } from '../suites.ts';
import { isFast } from './choice.ts';
import type { Commands } from './command.ts';
import type { Provision } from './needs.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import { Provided } from './provided.ts';
import { checked, Total } from './total.ts';

/** Where what a suite leaves for whoever looks for a failure is kept, relative to the root. */
export const ARTIFACTS = 'test/artifacts';

/**
 * Runs the suites in their order, each after what it needs. When one of the fast ones fails, those that need an engine
 * are not begun. What a suite said and kept stays in its folder of `test/artifacts` when it fails, pictures else in
 * `test/artifacts/pictures`.
 * @param say takes the name of what begins
 */
export async function runSuites(
  suites: readonly Suite[],
  all: Record<Need, Provision>,
  commands: Commands,
  say: (what: string) => void,
): Promise<Total> {
  const total = new Total();
  const provided = new Provided(all, commands, total, say);
  let isSound = true;
  await rm(join(commands.root, ARTIFACTS), { recursive: true, force: true });
  try {
    for (const suite of suites) {
      if (commands.interrupted) break;
      const { name, needs } = suite;
      const lacking = isSound || isFast(suite) ? await provided.bring(needs) : 'what is to pass before it';
      if (lacking !== undefined) {
        total.failures.push(`NOT RUN ${name}: ${lacking} failed`);
        continue;
      }
      say(name);
      const lookAgain = await provided.remember(needs);
      const { failed } = await total.add(name, runSuite(suite, commands));
      const different = await lookAgain();
      if (different.length > 0) total.fail(`${name}: it did not leave all as it found it`, different);
      if (isFast(suite) && failed > 0) isSound = false;
    }
  } finally {
    await provided.end();
  }
  if (commands.interrupted) total.fail('everything that was still to come: interrupted');
  return total;
}

async function runSuite({ name, runs }: Suite, commands: Commands): Promise<Outcome> {
  const folder = join(commands.root, ARTIFACTS, name);
  await mkdir(folder, { recursive: true });
  const run = (...command: string[]) =>
    commands.run(command, {
      log: join(folder, 'output.log'),
      environment: { GANTRY_TEST_ARTIFACTS: folder },
    });
  const outcome =
    'command' in runs
      ? checked(name, (await run(...runs.command)) === 0)
      : await runTests(name, runs, join(folder, 'report.json'), run);
  if (outcome.failed === 0) {
    await keepPictures(folder, join(commands.root, ARTIFACTS, 'pictures'));
    await rm(folder, { recursive: true });
  }
  return outcome;
}

/** Puts aside what browsers showed, for people to look at: no test tells whether it is good to read. */
async function keepPictures(folder: string, pictures: string): Promise<void> {
  const shown = (await readdir(folder)).filter((name) => name.endsWith('.png'));
  if (shown.length > 0) await mkdir(pictures, { recursive: true });
  for (const name of shown) await rename(join(folder, name), join(pictures, name));
}

/** @param report path for Vitest's report */
async function runTests(
  name: string,
  { project, files }: { project: string; files: readonly string[] },
  report: string,
  run: (...command: string[]) => Promise<number>,
): Promise<Outcome> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run('node_modules/.bin/vitest', 'run', '--project', project, ...files, ...reporters);
  const outcome = await readOutcome(report).catch(() => checked(`${name}: no report`, false));
  if (code === 0 || outcome.failed > 0) return outcome;
  return { ...outcome, failed: 1, failures: [`FAILED ${name}: vitest ended with ${code}`] };
}
