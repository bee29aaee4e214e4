import { openEngineOf } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import type { Command } from '../command.ts';

/** The exit code is the command's own. */
export const run: Command<'exec'> = async (options, [name, command], terminal) => {
  const { config, engine } = await openEngineOf(await loadConfigured(options), terminal);
  return engine.exec(config.name, name, withoutSeparator(command), {
    ...(options.user === undefined ? {} : { user: options.user }),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    tty: process.stdin.isTTY === true && process.stdout.isTTY === true,
  });
};

/** `--` before the command, as other tools want it there, is no part of it. */
function withoutSeparator(words: string[]): string[] {
  return words[0] === '--' && words.length > 1 ? words.slice(1) : words;
}
