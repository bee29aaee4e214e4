import { loadConfigured } from '../../cloud/configured.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';
import { printWarnings } from '../report.ts';

export const run: Command<'config validate'> = async (options) => {
  const { loaded, config } = await loadConfigured(options);
  printWarnings(loaded.warnings, process.stderr);
  process.stdout.write(`The configuration of the cloud ${config.name} is valid.\n`);
  return ExitCode.done;
};
