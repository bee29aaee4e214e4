import { loadConfigured } from '../../cloud/configured.ts';
import { repairVolumes } from '../../cloud/volumes.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';
import { formatFindings } from '../volume-table.ts';

/** Exits with 1 where something is left that it does not mend. */
export const run: Command<'volumes repair'> = async (options, _arguments, terminal) => {
  const { result, left } = await repairVolumes(await loadConfigured(options), terminal);
  if (left.length > 0) process.stdout.write(`${formatFindings(left)}\n`);
  return left.length > 0 ? ExitCode.failed : exitCodeOf(result);
};
