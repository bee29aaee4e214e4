import { loadConfigured } from '../../cloud/configured.ts';
import { rotateFernet } from '../../cloud/rotate-fernet.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'rotate fernet'> = async (options, _arguments, terminal) => {
  const { result } = await rotateFernet(await loadConfigured(options), terminal);
  return exitCodeOf(result);
};
