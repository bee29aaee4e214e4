import { loadConfigured } from '../../cloud/configured.ts';
import { rotateCredential } from '../../cloud/rotate-credential.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'rotate credential'> = async (options, _arguments, terminal) => {
  const { result } = await rotateCredential(await loadConfigured(options), terminal);
  return exitCodeOf(result);
};
