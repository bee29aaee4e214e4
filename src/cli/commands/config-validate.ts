import { loadConfigured } from '../../cloud/configured.ts';
import { ExitCode } from '../../errors.ts';
import type { GlobalOptions } from '../options.ts';
import { printWarnings } from '../report.ts';

export async function run(options: GlobalOptions): Promise<number> {
  const { loaded, config } = await loadConfigured(options);
  printWarnings(loaded.warnings, process.stderr);
  process.stdout.write(`The configuration of the cloud ${config.name} is valid.\n`);
  return ExitCode.done;
}
