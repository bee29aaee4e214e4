import { loadConfigured } from '../../cloud/configured.ts';
import { openImages } from '../../cloud/image-tools.ts';
import { imageVersion } from '../../config/registry.ts';
import { ExitCode } from '../../errors.ts';
import { cleanImages } from '../../images/clean.ts';
import type { Command } from '../command.ts';

export const run: Command<'images clean'> = async (options) => {
  const { docker, config } = await openImages(await loadConfigured(options));
  const version = options.version ?? imageVersion(config);
  const { removed, kept } = await cleanImages(docker, version);
  for (const { reference, containers } of kept) {
    process.stderr.write(`kept ${reference}: used by ${containers.join(', ')}\n`);
  }
  process.stderr.write(`${removed.length} images of version ${version} removed, ${kept.length} kept\n`);
  return ExitCode.done;
};
