import { loadConfigured } from '../../cloud/configured.ts';
import { publishGuest } from '../../cloud/guest.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'images publish'> = async (options, [name], terminal) => {
  const { result, id } = await publishGuest(await loadConfigured(options), name, terminal);
  process.stdout.write(`${id}\n`);
  return exitCodeOf(result);
};
