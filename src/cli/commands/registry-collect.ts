import { loadConfigured } from '../../cloud/configured.ts';
import { collectRegistry } from '../../cloud/registry.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'registry collect'> = async (options, _arguments, terminal) => {
  const { untagged = false } = options;
  const { result } = await collectRegistry(await loadConfigured(options), { untagged }, terminal);
  return exitCodeOf(result);
};
