import type { ArgumentTable, CommandArguments, Count, FileUse } from './table.ts';

/** Where an argument names a file of the user. */
export interface FileArgument {
  /** Which argument, and from which of its letters on. */
  index: number;
  start: number;
  path: string;
  use: FileUse;
  /** Such as `--file`, or the name of a positional argument. */
  name: string;
}

export interface FileArguments {
  /** The command's whole name; undefined where it takes no files, or is none. */
  command: string | undefined;
  files: FileArgument[];
  /** Its options in full that are given. */
  given: Set<string>;
  /** True where it takes standard input for a file that is not named. */
  readsStdin: boolean;
}

const nothing: CommandArguments = { options: {}, positionals: [], files: {} };

/**
 * Finds the files among the arguments of OpenStack's client, by the rules of its parsers, argparse and cliff: options
 * and words of commands may be shortened, options of the client itself stand anywhere, a value may follow `=` or, after
 * one letter, at once.
 */
export function findFileArguments(args: readonly string[], table: ArgumentTable): FileArguments {
  const own = table.commands[''] ?? nothing;
  const found: FileArgument[] = [];
  const given = new Set<string>();
  const positionals: number[] = [];
  let command: string | undefined;
  let takes: CommandArguments | undefined;
  let onlyPositionals = false;

  const note = ({ files }: CommandArguments, name: string, index: number, start: number): void => {
    const use = files[name];
    const argument = args[index];
    if (!use || argument === undefined) return;
    const from = use === 'in-after-equals' ? argument.indexOf('=', start) + 1 : start;
    if (use === 'in-after-equals' && from === 0) return;
    found.push({ index, start: from, path: argument.slice(from), use, name });
  };

  for (let index = 0; index < args.length; index++) {
    const argument = args[index] as string;
    if (argument === '--' && !onlyPositionals) {
      onlyPositionals = true;
    } else if (!onlyPositionals && argument.startsWith('-') && argument.length > 1) {
      const option = matchOption(argument, takes ?? nothing) ?? matchOption(argument, own);
      if (!option) continue;
      given.add(option.name);
      if (option.value !== undefined) {
        note(option.of, option.name, index, option.value);
        continue;
      }
      for (let left = countValues(option.count, args, index + 1); left > 0; left--) {
        index += 1;
        note(option.of, option.name, index, 0);
      }
    } else if (takes === undefined) {
      const match = matchCommand(args.slice(index), table.names);
      if (!match) break;
      command = match.name;
      takes = table.commands[command] ?? nothing;
      index += match.words - 1;
    } else {
      positionals.push(index);
    }
  }
  if (takes) {
    for (const { name, index } of assignPositionals(positionals, takes)) note(takes, name, index, 0);
  }
  const orStdin = Object.entries(takes?.files ?? {}).filter(([, use]) => use === 'in-or-stdin');
  return {
    command,
    files: found.sort((one, other) => one.index - other.index),
    given,
    readsStdin: orStdin.length > 0 && !orStdin.some(([name]) => given.has(name)),
  };
}

interface MatchedOption {
  of: CommandArguments;
  name: string;
  count: Count;
  /** Where its value begins in the same argument. */
  value?: number;
}

function matchOption(argument: string, of: CommandArguments): MatchedOption | undefined {
  const { options } = of;
  const equals = argument.indexOf('=');
  const written = equals < 0 ? argument : argument.slice(0, equals);
  const name = options[written] === undefined ? completed(written, options) : written;
  if (name !== undefined) {
    const count = options[name] as Count;
    return { of, name, count, ...(equals < 0 ? {} : { value: equals + 1 }) };
  }
  const short = argument.slice(0, 2);
  const count = options[short];
  if (argument.startsWith('--') || count === undefined || count === 0) return undefined;
  return { of, name: short, count, value: 2 };
}

/** The one option that begins like this; aliases of one length of value are as good as one. */
function completed(written: string, options: CommandArguments['options']): string | undefined {
  if (!written.startsWith('--')) return undefined;
  const names = Object.keys(options).filter((name) => name.startsWith(written));
  return names.length === 1 ? names[0] : undefined;
}

/** How many of the following arguments are values of an option. */
function countValues(count: Count, args: readonly string[], from: number): number {
  if (typeof count === 'number') return count;
  let free = 0;
  while (from + free < args.length && !/^-./.test(args[from + free] as string)) free += 1;
  return count === '?' ? Math.min(free, 1) : free;
}

/** The command with the longest name that these words begin with; each word may be the beginning of the real one. */
function matchCommand(
  args: readonly string[],
  names: readonly string[],
): { name: string; words: number } | undefined {
  const end = args.findIndex((argument) => argument.startsWith('-'));
  const words = end < 0 ? args : args.slice(0, end);
  for (let length = words.length; length > 0; length--) {
    const wanted = words.slice(0, length);
    const exact = wanted.join(' ');
    if (names.includes(exact)) return { name: exact, words: length };
    const alike = names.filter((name) => {
      const parts = name.split(' ');
      return parts.length === length && parts.every((part, at) => part.startsWith(wanted[at] as string));
    });
    if (alike.length === 1) return { name: alike[0] as string, words: length };
  }
  return undefined;
}

/** One argument takes what the others leave. */
function assignPositionals(
  indexes: readonly number[],
  { positionals }: CommandArguments,
): { name: string; index: number }[] {
  const fixed = positionals.reduce((sum, [, count]) => sum + (typeof count === 'number' ? count : 0), 0);
  let next = 0;
  return positionals.flatMap(([name, count]) => {
    const takes = typeof count === 'number' ? count : Math.max(0, indexes.length - fixed);
    const own = indexes.slice(next, next + takes);
    next += takes;
    return own.map((index) => ({ name, index }));
  });
}
