import { loadConfigured } from '../../cloud/configured.ts';
import { rotateCertificate } from '../../cloud/rotate-certificate.ts';
import type { GlobalOptions } from '../options.ts';
import { exitCodeOf, type Terminal } from '../terminal.ts';

export async function run(options: GlobalOptions, _arguments: unknown, terminal: Terminal): Promise<number> {
  const { result } = await rotateCertificate(await loadConfigured(options), terminal);
  return exitCodeOf(result);
}
