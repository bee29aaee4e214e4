import { open } from 'node:fs/promises';
import { loadConfigured } from '../../cloud/configured.ts';
import { renderObjects } from '../../cloud/render.ts';
import { ExitCode, GantryError, messageOf } from '../../errors.ts';
import type { Command } from '../command.ts';
import { formatManifests, isSecret } from '../manifests.ts';

/** Manifests carry hashes of secrets in their names: those made in memory are for looking at, and that is said. */
export const run: Command<'render'> = async (options, _arguments, terminal) => {
  const { output, secretsTo } = options;
  const keep = secretsTo !== undefined;
  const { objects, unkept } = await renderObjects(await loadConfigured(options), { keep }, terminal);
  if (keep) {
    await writePrivately(secretsTo, formatManifests(objects.filter(isSecret), output, { secrets: true }));
  }
  process.stdout.write(formatManifests(objects, output, { secrets: false }));
  if (unkept.length > 0) {
    process.stderr.write(
      `warning: to look at only, not to apply: ${unkept.join(', ')} would be made anew, which only "gantry up" and --secrets-to FILE keep\n`,
    );
  }
  return ExitCode.done;
};

/** A file that is there already loses what others may do with it before anything is in it. */
async function writePrivately(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'w', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw new GantryError({
      code: 'render.not-written',
      whose: 'user',
      message: `the Secrets could not be written to ${path}`,
      why: messageOf(thrown),
      next: 'name a file in a directory that exists and that you may write to',
      cause: thrown,
    });
  }
}
