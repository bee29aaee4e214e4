import type { GlobalOptions } from './options.ts';
import type { commandTable } from './specs.ts';
import type { Terminal } from './terminal.ts';

/** What a row of the table of commands is run by; resolves to the exit code. Options and arguments follow from the row. */
export type Command<P extends CommandPath> = (
  options: GlobalOptions & OptionsOf<RowOf<P>>,
  args: ArgumentsOf<RowOf<P>>,
  terminal: Terminal,
) => Promise<number>;

/** The words of a command, such as `images build`. */
export type CommandPath = Rows<(typeof commandTable)[number]>['path'];

/** All commands that do something, with their words. */
type Rows<Spec, Above extends string = ''> = Spec extends {
  name: infer Name extends string;
  commands: readonly (infer Below)[];
}
  ? Rows<Below, `${Above}${Name} `>
  : Spec extends { name: infer Name extends string }
    ? { path: `${Above}${Name}`; row: Spec }
    : never;

type RowOf<P extends CommandPath> = Extract<Rows<(typeof commandTable)[number]>, { path: P }>['row'];

/** An option with a default is always there. */
type OptionsOf<Row> = Row extends { options: readonly (infer Option extends { flags: string })[] }
  ? { [One in Option as One extends { default: string } ? KeyOf<One['flags']> : never]: ValueOf<One> } & {
      [One in Option as One extends { default: string } ? never : KeyOf<One['flags']>]?: ValueOf<One>;
    }
  : unknown;

/** `-o, --output <format>` is `output`, `--dry-run` is `dryRun`. */
type KeyOf<Flags extends string> = Flags extends `-${string}, --${infer Long}`
  ? CamelCase<FirstWord<Long>>
  : Flags extends `--${infer Long}`
    ? CamelCase<FirstWord<Long>>
    : never;

type FirstWord<Text extends string> = Text extends `${infer Word} ${string}` ? Word : Text;

type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

type ValueOf<Option extends { flags: string }> = Option extends { choices: readonly (infer Choice)[] }
  ? Choice
  : Option['flags'] extends `${string}<${string}`
    ? string
    : Option['flags'] extends `${string}[${string}`
      ? string | true
      : boolean;

/** As commander hands them over: several are an array, also where none is given. */
type ArgumentsOf<Row> = Row extends { arguments: infer Arguments extends readonly { syntax: string }[] }
  ? { -readonly [Index in keyof Arguments]: ArgumentOf<Arguments[Index]['syntax']> }
  : [];

type ArgumentOf<Syntax extends string> = Syntax extends `${string}...${string}`
  ? string[]
  : Syntax extends `<${string}`
    ? string
    : string | undefined;
