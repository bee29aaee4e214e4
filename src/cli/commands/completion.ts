import { ExitCode, usageError } from '../../errors.ts';
import { completionScript, shells } from '../completion.ts';
import type { GlobalOptions } from '../options.ts';

export async function run(
  _options: GlobalOptions,
  [shell]: (string | string[] | undefined)[],
): Promise<number> {
  const known = shells.find((name) => name === shell);
  if (!known) {
    throw usageError(`there is no completion for ${String(shell)}`, {
      next: `use one of ${shells.join(', ')}`,
    });
  }
  process.stdout.write(completionScript(known));
  return ExitCode.done;
}
