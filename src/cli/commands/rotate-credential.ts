import { loadConfigured } from '../../cloud/configured.ts';
import { rotateCredential } from '../../cloud/rotate-credential.ts';
import type { GlobalOptions } from '../options.ts';
import { exitCodeOf, type Terminal } from '../terminal.ts';

export async function run(options: GlobalOptions, _arguments: unknown, terminal: Terminal): Promise<number> {
  const { result } = await rotateCredential(await loadConfigured(options), terminal);
  return exitCodeOf(result);
}
