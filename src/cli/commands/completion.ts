import { ExitCode, GantryError } from '../../errors.ts';
import { completionScript, shells } from '../completion.ts';
import type { GlobalOptions } from '../options.ts';

export async function run(
  _options: GlobalOptions,
  [shell]: (string | string[] | undefined)[],
): Promise<number> {
  const known = shells.find((name) => name === shell);
  if (!known) {
    throw new GantryError({
      code: 'usage',
      whose: 'user',
      message: `there is no completion for ${String(shell)}`,
      next: `use one of ${shells.join(', ')}`,
      exitCode: ExitCode.usage,
    });
  }
  process.stdout.write(completionScript(known));
  return ExitCode.done;
}
