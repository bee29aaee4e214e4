import { dirname, join } from 'node:path';
import { COMMAND_LIMIT_MS, type Gantry, type Running, start } from './gantry.ts';

const launcher = join(import.meta.dirname, '../../gantry');

/** Starts a command in a terminal, that of util-linux's `script`, whose keys are what is written to it. */
export function startTyped({ name, directory, state }: Gantry, ...args: string[]): Running {
  const words = [launcher, '--name', name, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return start('script', ['-qec', `exec ${words.join(' ')}`, '/dev/null'], {
    cwd: directory,
    environment: { GANTRY_STATE: dirname(state) },
    limitMs: COMMAND_LIMIT_MS,
    input: true,
  });
}
