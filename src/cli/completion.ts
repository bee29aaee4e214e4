import type { CommandSpec, NameKind } from './specs.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** Names that arguments may be, by kind. */
export type Names = Record<NameKind, readonly string[]>;

interface Flag {
  /** As typed, such as --output or -o. */
  spellings: string[];
  summary: string;
  /** Undefined: it takes no value. */
  values: readonly string[] | undefined;
}

/** What may be typed after a command, which is known by its words: '' is gantry itself. */
interface Point {
  path: string;
  commands: { name: string; summary: string }[];
  flags: Flag[];
  names: readonly string[];
  /** What follows its first arguments is another program's. */
  passThrough: boolean;
}

const globalFlags: Flag[] = [
  flagOf({ flags: '-f, --file <path>', summary: 'cloud.yaml to use' }),
  flagOf({ flags: '--name <name>', summary: 'name of the cloud' }),
  flagOf({
    flags: '--engine <engine>',
    summary: 'what runs the containers',
    choices: ['docker', 'kubernetes'],
  }),
  flagOf({ flags: '--context <name>', summary: "context of the engine's client" }),
  flagOf({
    flags: '--progress <mode>',
    summary: 'how progress is shown',
    choices: ['auto', 'plain', 'json'],
  }),
  flagOf({ flags: '-h, --help', summary: 'show help' }),
];

/** A completion script for these commands, their options and values, and names of processes. */
export function completionScript(shell: Shell, specs: readonly CommandSpec[], names: Names): string {
  const root: Point = {
    path: '',
    commands: [
      ...specs.map(({ name, summary }) => ({ name, summary })),
      { name: 'help', summary: 'show help for a command' },
    ],
    flags: [...globalFlags, flagOf({ flags: '-V, --version', summary: 'print the version' })],
    names: [],
    passThrough: false,
  };
  const help: Point = {
    path: 'help',
    commands: [],
    flags: [],
    names: specs.map(({ name }) => name),
    passThrough: false,
  };
  const points = [root, ...pointsOf(specs, names), help];
  if (shell === 'fish') return fishScript(points);
  const bash = bashScript(points);
  return shell === 'zsh'
    ? `autoload -Uz compinit bashcompinit\n(( \${+functions[compdef]} )) || compinit\nbashcompinit\n${bash}`
    : bash;
}

function pointsOf(specs: readonly CommandSpec[], names: Names, prefix = ''): Point[] {
  return specs.flatMap((spec): Point[] => {
    const path = `${prefix}${spec.name}`;
    if ('commands' in spec) {
      const commands = spec.commands.map(({ name, summary }) => ({ name, summary }));
      const group = { path, commands, flags: globalFlags, names: [], passThrough: false };
      return [group, ...pointsOf(spec.commands, names, `${path} `)];
    }
    const own = (spec.options ?? []).map(flagOf);
    const taken = own.flatMap(({ spellings }) => spellings);
    const others = globalFlags.map((flag) => ({
      ...flag,
      spellings: flag.spellings.filter((one) => !taken.includes(one)),
    }));
    const kinds = (spec.arguments ?? []).flatMap((argument) => argument.names ?? []);
    return [
      {
        path,
        commands: [],
        flags: [...own, ...others],
        names: kinds.flatMap((kind) => names[kind]),
        passThrough: spec.passThrough ?? false,
      },
    ];
  });
}

function flagOf({
  flags,
  summary,
  choices,
}: {
  flags: string;
  summary: string;
  choices?: readonly string[];
}): Flag {
  const spellings = flags.match(/(?<=^|, )--?[A-Za-z-]+/g) ?? [];
  // An optional value, in brackets, is not waited for.
  return { spellings, summary, values: flags.includes('<') ? (choices ?? []) : undefined };
}

/** Patterns of a `case` for the flags with a value after each path. */
function valueCases(points: readonly Point[]): { pattern: string; values: readonly string[] }[] {
  return points.flatMap(({ path, flags }) =>
    flags.flatMap(({ spellings, values }) =>
      values ? [{ pattern: spellings.map((one) => `'${path} ${one}'`).join('|'), values }] : [],
    ),
  );
}

/** What may stand at a point, as assignments of the script. */
function assignWords({ commands, names, flags }: Point): string {
  const long = flags.flatMap(({ spellings }) => spellings.filter((one) => one.startsWith('--')));
  const words = [...commands.map(({ name }) => name), ...names];
  return `words='${words.join(' ')}' flags='${long.join(' ')}'`;
}

/** Bash splits words at `=` too: `--name=x` is three of them, and so is `nova-api=5`. */
function bashScript(points: readonly Point[]): string {
  const groups = points.filter(({ commands }) => commands.length > 0);
  const below = groups.flatMap(({ path, commands }) => commands.map(({ name }) => `'${path} ${name}'`));
  const passing = points.filter(({ passThrough }) => passThrough).map(({ path }) => `'${path}'`);
  return `_gantry() {
  local at='' flag='' word words='' flags='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ $word == '=' ]]; then continue; fi
    if [[ -n $flag ]]; then flag=''; continue; fi
    case "$at $word" in
      ${valueCases(points)
        .map(({ pattern }) => pattern)
        .join('|')}) flag=$word ;;
      ${below.join('|')}) at="\${at:+$at }$word" ;;
      *' -'*) ;;
      *) case $at in ${passing.join('|')}) return ;; esac ;;
    esac
  done
  word=\${COMP_WORDS[COMP_CWORD]}
  if [[ $word == '=' ]]; then word=''; fi
  if [[ -n $flag ]]; then
    case "$at $flag" in
${valueCases(points)
  .filter(({ values }) => values.length > 0)
  .map(({ pattern, values }) => `      ${pattern}) words='${values.join(' ')}' ;;`)
  .join('\n')}
    esac
  else
    case $at in
${points.map((point) => `      '${point.path}') ${assignWords(point)} ;;`).join('\n')}
    esac
    if [[ -z $words || $word == -* ]]; then words=$flags; fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _gantry gantry
`;
}

function fishScript(points: readonly Point[]): string {
  const lines = points.flatMap(({ path, commands, names, flags }) => {
    const here = `complete -c gantry -n ${quote(`__gantry_at ${quote(path)}`)}`;
    return [
      ...commands.map(({ name, summary }) => `${here} -f -a ${name} -d ${quote(summary)}`),
      ...(names.length > 0 ? [`${here} -f -a ${quote(names.join(' '))}`] : []),
      ...flags.map(({ spellings, summary, values }) => {
        const spelt = spellings.map((one) =>
          one.startsWith('--') ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`,
        );
        const value =
          values === undefined ? '' : values.length > 0 ? ` -x -a ${quote(values.join(' '))}` : ' -r';
        return `${here} ${spelt.join(' ')}${value} -d ${quote(summary)}`;
      }),
    ];
  });
  const passing = points.filter(({ passThrough }) => passThrough).map(({ path }) => path);
  const taking = valueCases(points).flatMap(({ pattern }) => pattern.split('|'));
  const below = points.flatMap(({ path, commands }) => commands.map(({ name }) => `'${path} ${name}'`));
  return `function __gantry_at
  set -l at ''
  set -l flag ''
  for word in (commandline -opc)[2..-1]
    if test -n "$flag"
      set flag ''
      continue
    end
    switch "$at $word"
      case ${taking.join(' ')}
        set flag $word
      case ${below.join(' ')}
        set at (string trim -- "$at $word")
      case '* -*'
      case ${passing.map((path) => quote(`${path} *`)).join(' ')}
        return 1
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

/** In single quotes, for fish. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
