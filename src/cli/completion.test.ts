import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { completionScript, type Names, type Shell, shells } from './completion.ts';
import { commandSpecs } from './specs.ts';

const names: Names = {
  processes: ['nova-api', 'nova-compute', 'glance-api'],
  services: ['nova', 'glance'],
  'processes and services': ['nova-api', 'nova-compute', 'glance-api', 'nova', 'glance'],
  images: ['base', 'nova'],
  shells,
};

/** Splits words as each shell does, completes the last one and prints what it may be, one a line. */
const drivers: Record<Shell, string> = {
  bash: `source "$1"; line=$2; read -ra COMP_WORDS <<< "\${line//=/ = }"
[[ $line == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _gantry; printf '%s\\n' "\${COMPREPLY[@]}"`,
  fish: 'source $argv[1]; complete -C $argv[2] | string replace -r "\\t.*" ""',
  // Its completion works on a terminal only; the function is bash's.
  zsh: 'source "$1"; [[ $_comps[gantry] == *_gantry ]] && echo "$2 is completed"',
};

const specs = commandSpecs({
  rotations: [{ name: 'barbican', summary: 'the key of all secrets' }],
  collections: [],
});

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gantry-completion-'));
  for (const shell of shells) writeFileSync(join(directory, shell), completionScript(shell, specs, names));
});
afterAll(() => rmSync(directory, { recursive: true }));

function isPresent(shell: Shell): boolean {
  return spawnSync(shell, ['-c', 'true']).error === undefined;
}

function complete(shell: Shell, line: string): string[] {
  const rest = shell === 'fish' ? [] : [shell];
  const { stdout, stderr } = spawnSync(shell, ['-c', drivers[shell], ...rest, join(directory, shell), line], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: directory },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

const lines: [line: string, expected: string[]][] = [
  ['gantry st', ['status']],
  ['gantry --name x st', ['status']],
  ['gantry -f try.yaml --progress plain images bu', ['build']],
  ['gantry images -f try.yaml li', ['list']],
  ['gantry --engine ', ['docker', 'kubernetes']],
  ['gantry status -o ', ['table', 'json']],
  ['gantry status --outp', ['--output']],
  ['gantry logs --tail 5 nova-', ['nova-api', 'nova-compute']],
  ['gantry logs -f gl', ['glance-api', 'glance']],
  ['gantry exec --user root glan', ['glance-api']],
  ['gantry rotate ', ['barbican', 'certificate', 'passwords']],
  ['gantry rotate barbican --y', ['--yes']],
  ['gantry rotate passwords ', ['nova', 'glance']],
  ['gantry images test ba', ['base']],
  ['gantry completion z', ['zsh']],
  ['gantry help do', ['down', 'doctor']],
  ['gantry up --vol', []],
];

describe.each((['bash', 'fish'] as const).filter(isPresent))('in %s', (shell) => {
  test.each(lines)('%s', (line, expected) => {
    expect(complete(shell, line).sort()).toEqual([...expected].sort());
  });

  test.each(['gantry exec nova-api gl', 'gantry openstack server cre'])(
    '%s is of another program',
    (line) => {
      const found = complete(shell, line);
      expect(found.filter((word) => /glance|create/.test(word))).toEqual([]);
    },
  );
});

test('bash is among the shells that this runs', () => {
  expect(isPresent('bash')).toBe(true);
});

test.each([
  ['gantry status --output=js', ['json']],
  ['gantry scale nova-api=3 gl', ['glance-api']],
])('bash, which splits words at an equals sign: %s', (line, expected) => {
  expect(complete('bash', line)).toEqual(expected);
});

test.runIf(isPresent('zsh'))('zsh takes the script without its own completion set up', () => {
  expect(complete('zsh', 'gantry')).toEqual(['gantry is completed']);
});
