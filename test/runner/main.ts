/** test/run NAMES...: chooses suites, runs them, and ends with one line for all of them. */
import { Command } from 'commander';
import { interruptSignal } from '../../src/cli/interrupt.ts';
import { printError } from '../../src/cli/report.ts';
import { ExitCode, GantryError } from '../../src/errors.ts';
import { projectRoot } from '../../src/root.ts';
import { resolvePaths } from '../cluster/settings.ts';
import { suites } from '../suites.ts';
import { gitIn, readChanges } from './changes.ts';
import { type Choice, choose } from './choice.ts';
import { Commands } from './command.ts';
import { provisions } from './needs.ts';
import { ARTIFACTS, runSuites } from './run.ts';
import { readSupport } from './support.ts';
import type { Timed, Total } from './total.ts';

const SLOWEST = 10;

const program = new Command('test/run')
  .description('Runs the suites that a change touches, or those that are named, and what they need.')
  .argument('[names...]', 'suites; `fast` for those that need no engine, `all` for every one')
  .option('--list', 'show what would run, and what not and why')
  .option('--base <commit>', 'what is new since this commit touches suites (default: where main was left)')
  .addHelpText('after', '\nGANTRY_TEST_BASE sets --base too.')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? ExitCode.done : ExitCode.usage))
  .parse();

const { list = false, base } = program.opts<{ list?: boolean; base?: string }>();
const root = projectRoot();
try {
  const choices = await chooseNow(program.args);
  say(describe(choices));
  if (!list) process.exitCode = await run(choices);
} catch (thrown) {
  printError(thrown, process.stderr);
  process.exitCode = thrown instanceof GantryError ? thrown.exitCode : ExitCode.failed;
}

async function chooseNow(names: readonly string[]): Promise<Choice[]> {
  const wanted = base ?? (process.env.GANTRY_TEST_BASE || undefined);
  const changes = names.length > 0 ? undefined : await readChanges(gitIn(root), wanted);
  if (names.length === 0) say(`compared with: ${changes?.since ?? 'nothing, so all is taken as changed'}`);
  return choose(suites, names, changes, (suite) => readSupport(root, suite));
}

function describe(choices: readonly Choice[]): string {
  const width = Math.max(...suites.map(({ name }) => name.length));
  const part = (runs: boolean) =>
    choices
      .filter((choice) => choice.runs === runs)
      .map(({ suite, reason }) => {
        const minutes = runs ? ` ${suite.minutes.toFixed(1).padStart(5)} min` : '';
        return `  ${suite.name.padEnd(width)}${minutes}  ${reason}`;
      });
  const minutes = choices.reduce((sum, { runs, suite }) => sum + (runs ? suite.minutes : 0), 0);
  const left = part(false);
  const named = left.length > 0 && program.args.length > 0;
  return [
    `these suites run, about ${Math.ceil(minutes)} min on two cores:`,
    ...part(true),
    ...(left.length > 0 ? ['these are left out:'] : []),
    ...(named ? ['  all others: not asked for'] : left),
  ].join('\n');
}

async function run(choices: readonly Choice[]): Promise<number> {
  const commands = new Commands(root, interruptSignal());
  const own = resolvePaths(process.env, process.getuid?.() ?? 0).kubeconfig;
  const { KUBECONFIG: kubeconfig } = process.env;
  const given = kubeconfig === own ? undefined : kubeconfig || undefined;
  const chosen = choices.filter(({ runs }) => runs).map(({ suite }) => suite);
  const total = await runSuites(chosen, provisions(given, own), commands, (what) => say(`== ${what}`));
  say(summarize(total));
  return total.failed === 0 && total.passed > 0 ? ExitCode.done : ExitCode.failed;
}

function summarize({ passed, failed, failures, tests, parts }: Total): string {
  const slowest = tests.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  return [
    '== seconds of each suite, and of what it needs',
    ...parts.map(describeTimed),
    ...(slowest.length > 0 ? ['== the slowest tests', ...slowest.map(describeTimed)] : []),
    ...(failures.length > 0 ? [`== what failed; ${ARTIFACTS} has more`, ...failures] : []),
    `${passed} passed, ${failed} failed`,
  ].join('\n');
}

function describeTimed({ name, seconds }: Timed): string {
  return `${seconds.toFixed(1).padStart(8)} s  ${name}`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
