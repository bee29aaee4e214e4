import { loadConfigured } from '../../cloud/configured.ts';
import { makeDemo, unmakeDemo } from '../../cloud/demo.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';
import { printDemo } from '../demo.ts';

export const run: Command<'demo'> = async (options, _arguments, terminal) => {
  const configured = await loadConfigured(options);
  if (!options.remove) {
    printDemo((await makeDemo(configured, terminal)).demo);
    return ExitCode.done;
  }
  const { removed } = await unmakeDemo(configured, terminal);
  process.stderr.write(
    removed.length > 0
      ? `Removed: ${removed.join(', ')}. The image, the flavors and the external network stay.\n`
      : 'There is no demo to remove.\n',
  );
  return ExitCode.done;
};
