import { loadConfigured } from '../../cloud/configured.ts';
import { takeDown } from '../../cloud/down.ts';
import type { GlobalOptions } from '../options.ts';
import { exitCodeOf, type Terminal } from '../terminal.ts';

/** With --volumes, the flag itself is the consent for scripts only together with --yes. */
export async function run(
  options: GlobalOptions & { volumes?: boolean; yes?: boolean },
  _arguments: unknown,
  terminal: Terminal,
): Promise<number> {
  const { volumes = false } = options;
  const { result } = await takeDown(await loadConfigured(options), { volumes }, terminal);
  return exitCodeOf(result);
}
