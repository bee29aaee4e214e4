/** Shells for which lines to be pasted or evaluated are written; `sh` stands for all of POSIX's kind. */
export const shellNames = ['sh', 'bash', 'zsh', 'fish', 'csh', 'powershell'] as const;
export type ShellName = (typeof shellNames)[number];

interface Shell {
  quote(text: string): string;
  set(name: string, value: string): string;
  unset(names: readonly string[]): string;
}

/** What no shell takes for anything but a part of a word, at any place in it. */
const plain = /^[A-Za-z0-9_/.:@%+-]+$/;

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02 */
const posix: Shell = {
  quote: (text) => `'${text.replaceAll("'", "'\\''")}'`,
  set: (name, value) => `export ${name}=${value}`,
  unset: (names) => `unset ${names.join(' ')}`,
};

const shells: Record<ShellName, Shell> = {
  sh: posix,
  bash: posix,
  zsh: posix,
  // In single quotes a backslash is one, but before a quote or a backslash.
  fish: {
    quote: (text) => `'${text.replace(/[\\']/g, '\\$&')}'`,
    set: (name, value) => `set -gx ${name} ${value}`,
    unset: (names) => `set -e ${names.join(' ')}`,
  },
  // History is looked up in single quotes too, and they end with the line.
  csh: {
    quote: (text) => `'${text.replaceAll("'", "'\\''").replace(/[!\n]/g, '\\$&')}'`,
    set: (name, value) => `setenv ${name} ${value};`,
    unset: (names) => names.map((name) => `unsetenv ${name};`).join(' '),
  },
  // about_Quoting_Rules: nothing is looked at between single quotes, of which the typographic ones count too.
  powershell: {
    quote: (text) => `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`,
    set: (name, value) => `$Env:${name} = ${value}`,
    unset: (names) => `Remove-Item -ErrorAction Ignore ${names.map((name) => `Env:${name}`).join(', ')}`,
  },
};

/** A text as one word of a command line, in quotes where it needs them. */
export function shellWord(text: string, shell: ShellName = 'sh'): string {
  return plain.test(text) && shell !== 'powershell' ? text : shells[shell].quote(text);
}

/** Sets a variable for the programs that the shell starts. */
export function setVariable(name: string, value: string, shell: ShellName): string {
  return shells[shell].set(name, shellWord(value, shell));
}

/** Removes variables, also ones that are not there. */
export function unsetVariables(names: readonly string[], shell: ShellName): string {
  return shells[shell].unset(names);
}
