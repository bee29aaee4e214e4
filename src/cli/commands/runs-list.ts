import { loadConfigured } from '../../cloud/configured.ts';
import { runsOf } from '../../cloud/runs.ts';
import { ExitCode } from '../../errors.ts';
import { formatDuration } from '../../model/settings/units.ts';
import type { Command } from '../command.ts';
import { type Column, formatTable } from '../table.ts';

const columns: Column[] = [
  'RUN',
  'COMMAND',
  { title: 'WHEN', spare: 2 },
  { title: 'TOOK', spare: 1 },
  'RESULT',
  { title: 'WHY', wraps: true },
];

export const run: Command<'runs list'> = async (options) => {
  const runs = await runsOf(await loadConfigured(options));
  if (options.output === 'json') {
    process.stdout.write(`${JSON.stringify(runs, null, 2)}\n`);
    return ExitCode.done;
  }
  const rows = runs.map(({ id, command, startedAt, seconds, result, error }) => [
    id,
    command,
    startedAt.replace(/\.\d+Z$/, 'Z'),
    formatDuration(Math.round(seconds)),
    result,
    error ?? '',
  ]);
  process.stdout.write(`${formatTable(columns, rows)}\n`);
  return ExitCode.done;
};
