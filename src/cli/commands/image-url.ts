import { loadConfigured } from '../../cloud/configured.ts';
import { makeImageUrl } from '../../cloud/image-url.ts';
import { ExitCode, usageError } from '../../errors.ts';
import { parseDuration } from '../../model/settings/units.ts';
import type { Command } from '../command.ts';

export const run: Command<'image-url'> = async (options, [image], terminal) => {
  const seconds = parseDuration(options.valid);
  if (!seconds) throw usageError(`--valid ${options.valid} is no time such as 10m or 1h30m`);
  const url = await makeImageUrl(await loadConfigured(options), { image, seconds }, terminal);
  process.stdout.write(`${url}\n`);
  return ExitCode.done;
};
