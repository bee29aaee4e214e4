import { loadConfigured } from '../../cloud/configured.ts';
import { findRunOf, readRunOf } from '../../cloud/runs.ts';
import { ExitCode } from '../../errors.ts';
import type { RunSummary } from '../../run/records.ts';
import type { Command } from '../command.ts';
import { createPlainDisplay } from '../display/plain.ts';
import { chooseStyle } from '../display/style.ts';
import { describeError } from '../report.ts';

/** Draws the kept events as they were drawn in the plain display; in JSON as they are. */
export const run: Command<'runs show'> = async (options, [wanted]) => {
  const configured = await loadConfigured(options);
  const summary = await findRunOf(configured, wanted);
  const events = await readRunOf(configured, summary.id);
  if (options.output === 'json') {
    process.stdout.write(`${JSON.stringify({ ...summary, events }, null, 2)}\n`);
    return ExitCode.done;
  }
  const { id, command, startedAt } = summary;
  process.stdout.write(`Run ${id}: ${command}, ${startedAt}\n`);
  const display = createPlainDisplay(process.stdout, chooseStyle(process.stdout, process.env));
  for (const event of events) {
    display.onEvent(event);
    if (event.type === 'command.finished' && event.error) {
      process.stdout.write(`${describeError(event.error)}\n`);
    }
  }
  process.stdout.write(`${describeEnd(summary)}\n`);
  return ExitCode.done;
};

function describeEnd({ result, seconds }: RunSummary): string {
  const words = {
    done: 'Done',
    failed: 'Failed',
    interrupted: 'Interrupted',
    running: 'Still running',
    killed: 'Killed: its process ended without a word',
  };
  return `${words[result]}, ${seconds.toFixed(1)} s after its start.`;
}
