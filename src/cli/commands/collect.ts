import { collect } from '../../cloud/collect.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'collect WHAT'> = async (options, [name], terminal) => {
  const { result } = await collect(await loadConfigured(options), { name }, terminal);
  return exitCodeOf(result);
};
