import { loadConfigured } from '../../cloud/configured.ts';
import { buildImagesOf } from '../../cloud/images.ts';
import { usageError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'images build'> = async (options, [names], terminal) => {
  const { version, fresh } = options;
  const request = { names, version, fresh, jobs: parseJobs(options.jobs) };
  const { result } = await buildImagesOf(await loadConfigured(options), request, terminal);
  return exitCodeOf(result);
};

function parseJobs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw usageError(`--jobs ${text} is not a number from 1 on`);
}
