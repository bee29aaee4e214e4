import { loadConfigured } from '../../cloud/configured.ts';
import { rotateKeys } from '../../cloud/rotate-keys.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'rotate KEYS'> = async (options, [name], terminal) => {
  const { result } = await rotateKeys(await loadConfigured(options), { name }, terminal);
  return exitCodeOf(result);
};
