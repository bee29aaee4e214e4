import { loadConfigured } from '../../cloud/configured.ts';
import { readRegistryElsewhere } from '../../cloud/registry.ts';
import { ExitCode } from '../../errors.ts';
import { archiveFiles, refuseTerminal } from '../archive.ts';
import type { Command } from '../command.ts';

/** They hold passwords: as an archive they get into a container there without being a file anywhere else. */
export const run: Command<'registry settings'> = async (options, _arguments, terminal) => {
  refuseTerminal('have a container engine take it: gantry registry settings | docker cp - NAME:/etc/gantry');
  process.stdout.write(
    await archiveFiles(await readRegistryElsewhere(await loadConfigured(options), terminal)),
  );
  return ExitCode.done;
};
