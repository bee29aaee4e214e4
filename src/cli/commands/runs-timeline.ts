import { loadConfigured } from '../../cloud/configured.ts';
import { findRunOf, timelineOf } from '../../cloud/runs.ts';
import { ExitCode, usageError } from '../../errors.ts';
import type { Command } from '../command.ts';

/** The picture that `up --timeline` draws. */
export const run: Command<'runs timeline'> = async (options, [wanted]) => {
  const configured = await loadConfigured(options);
  const { id } = await findRunOf(configured, wanted);
  const picture = await timelineOf(configured, id);
  if (picture === undefined) throw usageError(`the run ${id} came to no step: there is nothing to draw`);
  process.stdout.write(picture);
  return ExitCode.done;
};
