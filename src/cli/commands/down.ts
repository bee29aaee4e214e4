import { loadConfigured } from '../../cloud/configured.ts';
import { takeDown } from '../../cloud/down.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

/** With --volumes, the flag itself is the consent for scripts only together with --yes. */
export const run: Command<'down'> = async (options, _arguments, terminal) => {
  const { volumes = false } = options;
  const { result } = await takeDown(await loadConfigured(options), { volumes }, terminal);
  return exitCodeOf(result);
};
