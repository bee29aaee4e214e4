import { loadConfigured } from '../../cloud/configured.ts';
import { findRunOf, readRunOf } from '../../cloud/runs.ts';
import { ExitCode } from '../../errors.ts';
import { renderTimeline } from '../../run/timeline.ts';
import type { Command } from '../command.ts';

/** The picture that `up --timeline` draws. */
export const run: Command<'runs timeline'> = async (options, [wanted]) => {
  const configured = await loadConfigured(options);
  const { id } = await findRunOf(configured, wanted);
  process.stdout.write(renderTimeline(await readRunOf(configured, id)));
  return ExitCode.done;
};
