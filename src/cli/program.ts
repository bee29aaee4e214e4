import { Command, CommanderError, Option } from 'commander';
import { ExitCode, GantryError, GantryErrors } from '../errors.ts';
import { interruptionOf } from './interrupt.ts';
import { printError } from './report.ts';
import { type CommandSpec, commandSpecs } from './specs.ts';

/** Parses the arguments and runs one command; resolves to the exit code. */
export async function runCommandLine(args: string[]): Promise<number> {
  let exitCode: number = ExitCode.done;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    }
    const interruption = interruptionOf(error);
    if (interruption) {
      if (interruption.signal !== 'SIGPIPE') process.stderr.write(`gantry: ${interruption.message}\n`);
      return ExitCode.interrupted;
    }
    printError(error, process.stderr);
    return error instanceof GantryError || error instanceof GantryErrors ? error.exitCode : ExitCode.failed;
  }
}

/** The commander program made of the table of commands; also what completion and the documentation read. */
function createProgram(setExitCode: (code: number) => void = () => {}): Command {
  const program = new Command('gantry')
    .description('OpenStack as container images, run as a real cloud on Docker Engine or Kubernetes.')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('Run "gantry --help" for the list of commands.')
    .enablePositionalOptions()
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({ showGlobalOptions: true });
  for (const option of globalOptions('-f, ')) program.addOption(option);
  for (const spec of commandSpecs) addCommand(program, spec, setExitCode);
  return program;
}

/** May stand before the command or after it; after it without the short form, which means --follow there. */
function globalOptions(short = ''): Option[] {
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

function addCommand(parent: Command, spec: CommandSpec, setExitCode: (code: number) => void): void {
  const command = new Command(spec.name)
    .description(spec.summary)
    .exitOverride()
    .helpOption('-h, --help', 'show help');
  for (const argument of spec.arguments ?? []) command.argument(argument.syntax, argument.summary);
  for (const option of spec.options ?? []) {
    const built = new Option(option.flags, option.summary);
    if (option.choices) built.choices(option.choices);
    if (option.default !== undefined) built.default(option.default);
    command.addOption(built);
  }
  if (spec.passThrough) command.passThroughOptions().allowUnknownOption();
  if (spec.load) {
    const load = spec.load;
    for (const option of globalOptions()) command.addOption(option.hideHelp());
    command.action(async (...received: unknown[]) => {
      const globals: object = rootOf(command).opts();
      const own: object = command.opts();
      const options = { progress: 'auto', ...globals, ...own } as never;
      const module = await load();
      setExitCode(await module.run(options, received.slice(0, -2) as never[]));
    });
  }
  for (const child of spec.commands ?? []) addCommand(command, child, setExitCode);
  parent.addCommand(command);
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}
