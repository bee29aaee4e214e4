import { loadConfigured } from '../../cloud/configured.ts';
import { rotatePasswords } from '../../cloud/rotate-passwords.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'rotate passwords'> = async (options, [services], terminal) => {
  const { result } = await rotatePasswords(await loadConfigured(options), { services }, terminal);
  return exitCodeOf(result);
};
