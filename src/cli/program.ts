import { Command, CommanderError, Option } from 'commander';
import { ExitCode, GantryError, GantryErrors } from '../errors.ts';
import { projectRoot, projectVersion } from '../root.ts';
import { loadBroughtCommands } from './brought.ts';
import type { CommandPath } from './command.ts';
import { commandModules } from './commands.ts';
import { interruptionOf } from './interrupt.ts';
import type { GlobalOptions } from './options.ts';
import { printError } from './report.ts';
import { type CommandSpec, commandSpecs, type Leaf } from './specs.ts';
import { explainSystemError } from './system-error.ts';
import { openTerminal } from './terminal.ts';

const helpCommand = ['help [command]', 'show help for a command'] as const;
const GLOBAL_OPTIONS = 'Global Options:';
/** Columns that help leaves at least for what it says of each entry; commander's own 40 break words at 80 columns. */
const LEAST_HELP = 20;

/** Parses the arguments and runs one command; resolves to the exit code. */
export async function runCommandLine(args: string[]): Promise<number> {
  let exitCode: number = ExitCode.done;
  try {
    const program = createProgram(commandSpecs(await loadBroughtCommands(projectRoot())), (code) => {
      exitCode = code;
    });
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      return thrown.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    }
    const interruption = interruptionOf(thrown);
    if (interruption) {
      if (interruption.signal !== 'SIGPIPE') process.stderr.write(`gantry: ${interruption.message}\n`);
      return ExitCode.interrupted;
    }
    const error = explainSystemError(thrown);
    printError(error, process.stderr);
    return error instanceof GantryError || error instanceof GantryErrors ? error.exitCode : ExitCode.failed;
  }
}

/** The commander program made of all commands. */
function createProgram(specs: readonly CommandSpec[], setExitCode: (code: number) => void): Command {
  const program = new Command('gantry')
    .description('OpenStack as container images, run as a real cloud on Docker Engine or Kubernetes.')
    .version(`gantry ${projectVersion()}`, '-V, --version', 'print the version')
    .enablePositionalOptions()
    .helpCommand(...helpCommand);
  prepare(program);
  for (const option of globalOptions()) program.addOption(option);
  for (const spec of specs) addCommand(program, spec, setExitCode);
  return program;
}

/** What commands do not take over from the one that they stand below. */
function prepare(command: Command): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError()
    .helpOption('-h, --help', 'show help')
    .configureHelp({ minWidthToWrap: LEAST_HELP, subcommandTerm: (below) => below.name() })
    .configureOutput({
      outputError: (text, write) =>
        write(`${text.replace(/^error: /, 'gantry: ')}  -> run "${pathOf(command)} --help"\n`),
    });
}

/** They may stand before the command or after it. Without `short` where -f is an option of the command's own. */
function globalOptions(short = '-f, '): Option[] {
  return [
    new Option(`${short}--file <path>`, 'cloud.yaml to use (default: ./cloud.yaml where there is one)'),
    new Option('--name <name>', 'name of the cloud'),
    new Option('--engine <engine>', 'what runs the containers').choices(['docker', 'kubernetes']),
    new Option('--context <name>', "context of the engine's client: of Docker, or of the kubeconfig"),
    new Option('--progress <mode>', 'how progress is shown (default: auto)').choices([
      'auto',
      'plain',
      'json',
    ]),
  ];
}

function addCommand(
  parent: Command,
  spec: CommandSpec,
  setExitCode: (code: number) => void,
  isDefault = false,
): void {
  const command = prepare(new Command(spec.name).description(spec.summary));
  parent.addCommand(command, { isDefault });
  if (!('commands' in spec)) {
    addLeaf(command, spec, setExitCode);
    const short = spec.options?.some(({ flags }) => flags.startsWith('-f,')) ? '' : '-f, ';
    for (const option of globalOptions(short)) command.addOption(option.helpGroup(GLOBAL_OPTIONS));
    return;
  }
  for (const option of globalOptions()) command.addOption(option);
  command.enablePositionalOptions().helpCommand(...helpCommand);
  for (const child of spec.commands) {
    addCommand(command, child, setExitCode, child.name === spec.byDefault);
  }
}

function addLeaf(command: Command, spec: Leaf, setExitCode: (code: number) => void): void {
  for (const argument of spec.arguments ?? []) command.argument(argument.syntax, argument.summary);
  for (const option of spec.options ?? []) {
    const built = new Option(option.flags, option.summary);
    if (option.choices) built.choices([...option.choices]);
    if (option.default !== undefined) built.default(option.default);
    command.addOption(built);
  }
  if (spec.passThrough) command.passThroughOptions().allowUnknownOption();
  command.action(async (...received: unknown[]) => {
    const chosen: object[] = lineOf(command).map((one) => one.opts());
    const options: GlobalOptions = Object.assign({ progress: 'auto' }, ...chosen);
    const names = lineOf(command).map((one) => one.name());
    const path = [...names.slice(1, -1), spec.row ?? spec.name].join(' ') as CommandPath;
    const module = await commandModules[path]();
    const given = [...(spec.row === undefined ? [] : [spec.name]), ...received.slice(0, -2)];
    const terminal = openTerminal(options);
    try {
      setExitCode(await module.run(options as never, given as never, terminal));
    } catch (thrown) {
      throw withHelp(thrown, command);
    } finally {
      terminal.close();
    }
  });
}

/** A usage error that says no way out leads to the command's help. */
function withHelp(thrown: unknown, command: Command): unknown {
  const isBare = thrown instanceof GantryError && thrown.code === 'usage' && thrown.next === undefined;
  if (!isBare) return thrown;
  const { code, whose, message, why, exitCode } = thrown;
  const next = `run "${pathOf(command)} --help"`;
  return new GantryError({ code, whose, message, exitCode, next, ...(why === undefined ? {} : { why }) });
}

/** The command and those that it stands below, the program first. */
function lineOf(command: Command): Command[] {
  return [...(command.parent ? lineOf(command.parent) : []), command];
}

function pathOf(command: Command): string {
  return lineOf(command)
    .map((one) => one.name())
    .join(' ');
}
