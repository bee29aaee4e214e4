import { openCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { checkMachine } from '../../cloud/machine.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';
import { printWarnings } from '../report.ts';
import { formatTable } from '../table.ts';

export const run: Command<'doctor'> = async (options, _arguments, terminal) => {
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
};
