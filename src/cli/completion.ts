import { type CommandSpec, commandSpecs } from './specs.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const globalFlags = ['--file', '--name', '--engine', '--context', '--progress', '--help'];

/** A completion script for commands, subcommands and flags, made from the table of commands. */
export function completionScript(shell: Shell): string {
  if (shell === 'fish') return fishScript();
  const bash = bashScript();
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bash}` : bash;
}

function bashScript(): string {
  const cases = flatten(commandSpecs).map(
    ({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`,
  );
  return `_gantry() {
  local path='' word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case $path in
    '') words='${[...commandSpecs.map((spec) => spec.name), ...globalFlags].join(' ')}' ;;
${cases.join('\n')}
    *) words='' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _gantry gantry
`;
}

function fishScript(): string {
  const lines = commandSpecs.map(
    (spec) => `complete -c gantry -n __fish_use_subcommand -a ${spec.name} -d ${quote(spec.summary)}`,
  );
  for (const spec of commandSpecs) {
    const seen = `-n '__fish_seen_subcommand_from ${spec.name}'`;
    for (const child of spec.commands ?? []) {
      lines.push(`complete -c gantry ${seen} -a ${child.name} -d ${quote(child.summary)}`);
    }
    for (const option of spec.options ?? []) {
      const long = /--([a-z-]+)/.exec(option.flags)?.[1];
      if (long) lines.push(`complete -c gantry ${seen} -l ${long} -d ${quote(option.summary)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function flatten(specs: CommandSpec[], prefix = ''): { path: string; words: string[] }[] {
  return specs.flatMap((spec) => {
    const path = prefix ? `${prefix} ${spec.name}` : spec.name;
    const flags = (spec.options ?? []).flatMap((option) => option.flags.match(/--[a-z-]+/g) ?? []);
    const children = spec.commands ?? [];
    return [
      { path, words: [...children.map((child) => child.name), ...flags, ...globalFlags] },
      ...flatten(children, path),
    ];
  });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
