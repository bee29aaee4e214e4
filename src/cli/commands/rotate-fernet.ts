import { loadConfigured } from '../../cloud/configured.ts';
import { rotateFernet } from '../../cloud/rotate-fernet.ts';
import type { GlobalOptions } from '../options.ts';
import { exitCodeOf, type Terminal } from '../terminal.ts';

export async function run(options: GlobalOptions, _arguments: unknown, terminal: Terminal): Promise<number> {
  const { result } = await rotateFernet(await loadConfigured(options), terminal);
  return exitCodeOf(result);
}
