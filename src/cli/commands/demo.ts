import { loadConfigured } from '../../cloud/configured.ts';
import { makeDemo, unmakeDemo } from '../../cloud/demo.ts';
import { ExitCode } from '../../errors.ts';
import { printDemo } from '../demo.ts';
import type { GlobalOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export async function run(
  options: GlobalOptions & { remove?: boolean },
  _arguments: unknown,
  terminal: Terminal,
): Promise<number> {
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
}
