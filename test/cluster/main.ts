/** npm run cluster -- up|down|status...: a Kubernetes of several nodes on this machine's Docker Engine, for tests. */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { interruptSignal } from '../../src/cli/interrupt.ts';
import { printError } from '../../src/cli/report.ts';
import { ExitCode, GantryError } from '../../src/errors.ts';
import { explainCidr } from '../../src/model/cidr.ts';
import { addNode, type ClusterContext, killNode, provide, removeNode, startNode, up } from './cluster.ts';
import { openContext } from './context.ts';
import { down } from './down.ts';
import { defaultExternal } from './settings.ts';
import { describeStatus } from './status.ts';

const signal = interruptSignal();
const started = performance.now();

const program = new Command('npm run cluster --')
  .description(
    'A Kubernetes cluster of several nodes on the Docker Engine of this machine, made from Debian alone.',
  )
  .option('--mirror <url>', "Debian's archive to build from (default: the one that apt uses here)")
  .option('--verbose', 'show the output of builds');

program
  .command('up')
  .description('make the cluster, or complete it; prints the path of its kubeconfig')
  .option('--nodes <count>', 'nodes to have at least (default: 3)', parseCount)
  .option(
    '--programs <folder>',
    'programs of another version of Kubernetes, linked statically, for a cluster that is not there yet',
  )
  .option('--external <network>', `network of the interface ext0 (default: ${defaultExternal})`, parseNetwork)
  .action((options: { nodes?: number; external?: string; programs?: string }) =>
    run(async (context) => {
      const { programs, ...request } = options;
      await up(context, { ...request, ...(programs && { programs: resolve(programs) }) });
      say('up');
      print(context.paths.kubeconfig);
    }),
  );
program
  .command('build')
  .description('only build what the cluster is made of')
  .action(() => run(async (context) => void (await provide(context))));
program
  .command('down')
  .description('remove the cluster with its data; what was built stays')
  .option('--all', 'also the images in its registry')
  .action((options: { all?: boolean }) => run((context) => down(context, options)));
program
  .command('status')
  .description('show containers, nodes and pods')
  .action(() => run(async (context) => print(await describeStatus(context))));
program
  .command('add-node')
  .description('add a node; prints its name')
  .action(() => run(async (context) => print(await addNode(context))));
program
  .command('remove-node <name>')
  .description('take a node away with its data')
  .action((name: string) => run((context) => removeNode(context, name)));
program
  .command('kill-node <name>')
  .description('end a node at once, as a loss of power does')
  .action((name: string) => run((context) => killNode(context, name)));
program
  .command('start-node <name>')
  .description('start a node that was killed')
  .action((name: string) => run((context) => startNode(context, name)));

program.exitOverride((error) => process.exit(error.exitCode === 0 ? ExitCode.done : ExitCode.usage));
await program.parseAsync();

async function run(command: (context: ClusterContext) => Promise<void>): Promise<void> {
  const options = program.opts<{ mirror?: string; verbose?: boolean }>();
  try {
    await command(
      await openContext({
        environment: process.env,
        uid: process.getuid?.() ?? 0,
        signal,
        say,
        detail: options.verbose ? say : undefined,
        mirror: options.mirror,
      }),
    );
  } catch (thrown) {
    if (signal.aborted) process.stderr.write('interrupted\n');
    else printError(thrown, process.stderr);
    process.exitCode = signal.aborted
      ? ExitCode.interrupted
      : thrown instanceof GantryError
        ? thrown.exitCode
        : ExitCode.failed;
  }
}

function say(line: string): void {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function parseCount(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number from 1 on.');
}

function parseNetwork(text: string): string {
  const wrong = explainCidr(text);
  if (wrong) throw new InvalidArgumentError(`It ${wrong}.`);
  return text;
}
