/**
 * npm run bench -- NAME: measures one thing that a user waits for. Absolute figures depend on the machine: `compare` puts
 * two revisions side by side.
 */
import { join } from 'node:path';
import { Command } from 'commander';
import { interruptionOf, interruptSignal } from '../../src/cli/interrupt.ts';
import { printError } from '../../src/cli/report.ts';
import { ExitCode, GantryError } from '../../src/errors.ts';
import { projectRoot } from '../../src/root.ts';
import { benchBoots } from './boots.ts';
import { budget, checkBudget } from './budget.ts';
import { compare, measureAlone } from './compare.ts';
import { describe } from './comparison.ts';
import { benchIdle } from './idle.ts';
import { benchMemory } from './memory.ts';
import { benchObjects } from './objects.ts';
import { benchPlans } from './plan.ts';
import { chooseRows, parseRuns, type RowName, rowNames } from './rows.ts';
import { benchStacks } from './stacks.ts';
import { newestRelease } from './tree.ts';
import { benchVolumes } from './volumes.ts';

const root = projectRoot();
const started = performance.now();

/** What is printed without a name. */
const summaries: Record<RowName, string> = {
  help: 'gantry --help',
  images: 'gantry images build where nothing has changed',
  plan: 'gantry plan for simulated Kubernetes clusters of 1 to 1000 nodes; -- plan 500 for those of 500 alone',
  'plan-docker': 'gantry plan on Docker',
  bare: 'all images but the guest, on an engine that holds nothing',
  up: 'gantry up from nothing, images built, until every process is healthy',
  again: 'gantry up on a cloud that is up: an empty plan',
  demo: "gantry up --demo from nothing, images built, until the server's SSH login",
  server: 'a server, from its request to its SSH banner, in a cloud that has the demo',
  idle: 'how busy this machine is with the cloud that is up, left alone; compare makes one',
  memory: 'what the cloud that is up on Docker holds in memory, by process (as root); compare makes one',
  'kube-up': 'gantry up on a test cluster of one node, images pushed',
  'kube-demo': 'gantry up --demo on a test cluster of one node, images pushed',
};

/** Those that measure what there is, or more than one thing, and print it themselves. */
const reports: Partial<Record<RowName, (words: readonly string[]) => Promise<void>>> = {
  plan: (words) => benchPlans(join(root, 'gantry'), sizesFrom(words), print),
  idle: () => benchIdle(print),
  memory: () => benchMemory(print),
};

const program = new Command('npm run bench --')
  .description('Measures what users of Gantry wait for.')
  // Commands take it over from here.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? ExitCode.done : ExitCode.usage))
  .argument('[name]', 'what to measure')
  .argument('[sizes...]', 'numbers of nodes, for plan')
  .action((name: string | undefined, sizes: string[]) => run(() => measureOne(name, sizes)));
program
  .command('compare <revision> <what...>')
  .description(
    'measure a revision (before) and this tree (after) in turns; prints a table for docs/benchmarks.md',
  )
  .option('--runs <n>', 'runs of each, at least 3')
  .action((revision: string, words: string[], options: { runs?: string }) =>
    run(async () => {
      const runs = options.runs === undefined ? undefined : parseRuns(options.runs);
      await compare(root, { revision, rows: chooseRows(words, rowNames), runs }, reporter());
    }),
  );
program
  .command('budget [rows...]')
  .description('compare with the last release; fails where a row is worse by more than it may be')
  .option('--base <revision>', 'compare with this revision (default: the newest tag v*)')
  .option('--runs <n>', 'runs of each, at least 3')
  .action((words: string[], options: { base?: string; runs?: string }) =>
    run(async () => {
      const limited = budget.map(({ row }) => row);
      const rows = chooseRows(words.length > 0 ? words : ['all'], limited);
      const runs = options.runs === undefined ? undefined : parseRuns(options.runs);
      const revision = options.base ?? (await newestRelease(root));
      checkBudget(revision, await compare(root, { revision, rows, runs }, reporter()), budget);
      say(`nothing is worse than ${revision} by more than it may be`);
    }),
  );
/** What is measured of the cloud that is up on Docker, where its cloud.yaml is. */
const ofCloud: Record<string, [string, (gantry: string, print: (line: string) => void) => Promise<void>]> = {
  objects: ['Swift: its front door against its proxy', benchObjects],
  volumes: ["Cinder: volumes of the demo's server", benchVolumes],
  stacks: ['Heat: a hundred stacks by ten clients; a stack against the same calls by hand', benchStacks],
  boots: ['ten servers of an image of 2 GiB, kept where the cloud keeps images and disks', benchBoots],
};
for (const [name, [what, measure]] of Object.entries(ofCloud)) {
  program
    .command(name)
    .description(`${what}; of the cloud that is up on Docker, where its cloud.yaml is`)
    .action(() => run(() => measure(join(root, 'gantry'), print)));
}
await program.parseAsync();

async function measureOne(name: string | undefined, words: readonly string[]): Promise<void> {
  if (name === undefined) {
    for (const row of rowNames) print(`${row.padEnd(11)} ${summaries[row]}`);
    process.exitCode = ExitCode.usage;
    return;
  }
  const rows = chooseRows([name], rowNames);
  const [report] = rows.length === 1 ? rows.map((row) => reports[row]) : [];
  if (report) return report(words);
  await measureAlone(root, rows, reporter(), ({ what, unit, before }) =>
    print(`${what}: ${describe(before, unit)}, median of ${before.length}`),
  );
}

async function run(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (thrown) {
    const interruption = interruptionOf(thrown);
    if (interruption) process.stderr.write(`${interruption.message}\n`);
    else printError(thrown, process.stderr);
    process.exitCode = interruption
      ? ExitCode.interrupted
      : thrown instanceof GantryError
        ? thrown.exitCode
        : ExitCode.failed;
  }
}

function reporter() {
  return { signal: interruptSignal(), say, print };
}

function sizesFrom(words: readonly string[]): number[] {
  return words.length > 0 ? words.map(Number) : [1, 50, 100, 250, 500, 1000];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function say(line: string): void {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
}
