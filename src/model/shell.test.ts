import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type ShellName, setVariable, shellWord, unsetVariables } from './shell.ts';

const texts = [
  '/var/lib/gantry/a/clouds.yaml',
  "/home/jane doe/it's here/$HOME;`id`",
  '"double", \\back\\slash\\\\, \\\'both\\\'',
  '*?[a]{b,c}~ !! !x #no %self =ls &|<>()^',
  'Zürich ‘quoted’ and ’so on‛',
  ' ',
  '-n',
  '',
];
const programs: Record<Exclude<ShellName, 'powershell'>, string> = {
  sh: 'dash',
  bash: 'bash',
  zsh: 'zsh',
  fish: 'fish',
  csh: 'tcsh',
};
/** zsh, fish and tcsh are not on every machine. */
const present = Object.entries(programs).filter(
  ([, program]) => spawnSync(program, ['-c', 'true']).error === undefined,
) as [ShellName, string][];

/** What a program sees that the shell starts after these lines. */
function run(program: string, lines: string[], command: string): string {
  const quick = program === 'tcsh' ? ['-f'] : program === 'zsh' ? ['-f'] : [];
  const environment = { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C.UTF-8', OS_OLD: 'old' };
  const { stdout, stderr, status } = spawnSync(program, [...quick, '-c', [...lines, command].join('\n')], {
    encoding: 'utf8',
    env: environment,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

test('bash and dash are among the shells that this runs', () => {
  expect(present.map(([name]) => name)).toEqual(expect.arrayContaining(['sh', 'bash']));
});

describe.each(present)('lines for %s', (shell, program) => {
  test.each(texts)('set a variable to %j', (text) => {
    const seen = run(program, [setVariable('OS_NEW', text, shell)], 'printenv OS_NEW');
    expect(seen).toBe(`${text}\n`);
  });

  test.each(texts)('give %j as one word to a command', (text) => {
    expect(run(program, [], `/usr/bin/printf '[%s]' ${shellWord(text, shell)} x`)).toBe(`[${text}][x]`);
  });

  test('unset variables, those too that there are not', () => {
    const seen = run(program, [unsetVariables(['OS_OLD', 'OS_NEVER'], shell)], 'env');
    expect(seen).not.toContain('OS_');
    expect(seen).toContain('HOME=/nonexistent');
  });
});

test('a word that needs no quotes has none', () => {
  expect(shellWord('/var/lib/gantry/a-b_1.2/demo-key')).toBe('/var/lib/gantry/a-b_1.2/demo-key');
});

/** By about_Quoting_Rules of PowerShell 7: it is not among Debian's packages. */
test('lines for PowerShell', () => {
  expect(setVariable('OS_CLOUD', 'gantry', 'powershell')).toBe("$Env:OS_CLOUD = 'gantry'");
  expect(shellWord("it's $HOME ‘here’", 'powershell')).toBe("'it''s $HOME ‘‘here’’'");
  expect(unsetVariables(['OS_A', 'OS_B'], 'powershell')).toBe(
    'Remove-Item -ErrorAction Ignore Env:OS_A, Env:OS_B',
  );
});
