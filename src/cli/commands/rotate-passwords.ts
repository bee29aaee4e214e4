import { loadConfigured } from '../../cloud/configured.ts';
import { rotatePasswords } from '../../cloud/rotate-passwords.ts';
import type { GlobalOptions } from '../options.ts';
import { exitCodeOf, type Terminal } from '../terminal.ts';

export async function run(
  options: GlobalOptions,
  [names]: (string | string[] | undefined)[],
  terminal: Terminal,
): Promise<number> {
  const services = [names ?? []].flat();
  const { result } = await rotatePasswords(await loadConfigured(options), { services }, terminal);
  return exitCodeOf(result);
}
