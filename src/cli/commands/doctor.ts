import { openCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { checkMachine } from '../../cloud/machine.ts';
import { ExitCode } from '../../errors.ts';
import type { GlobalOptions } from '../options.ts';
import { printWarnings } from '../report.ts';
import { formatTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

export async function run(
  options: GlobalOptions & { output: string },
  _arguments: unknown,
  terminal: Terminal,
): Promise<number> {
  const cloud = await openCloud(await loadConfigured(options), {}, terminal);
  printWarnings(cloud.loaded.warnings, process.stderr);
  const findings = await checkMachine(cloud);
  const failed = findings.some((finding) => finding.level === 'error');
  if (options.output === 'json') process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  else {
    const rows = findings.map(({ check, level, message, choice, next }) => [
      level === 'ok' ? ' ok ' : level === 'warning' ? 'warn' : 'FAIL',
      check,
      [message, choice, next].filter(Boolean).join('; '),
    ]);
    process.stdout.write(`${formatTable(['', 'CHECK', { title: 'FOUND', wraps: true }], rows)}\n`);
  }
  return failed ? ExitCode.failed : ExitCode.done;
}
