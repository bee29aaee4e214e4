import { open } from 'node:fs/promises';
import { type Cloud, openCloud, refuseWithoutSecrets } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import type { RenderedObject } from '../../engine/engine.ts';
import { ExitCode, GantryError, messageOf } from '../../errors.ts';
import { acquireLock } from '../../run/lock.ts';
import type { Command } from '../command.ts';
import { formatManifests, isSecret } from '../manifests.ts';

/** Manifests carry hashes of secrets in their names: those made in memory are for looking at, and that is said. */
export const run: Command<'render'> = async (options, _arguments, terminal) => {
  const { config, stateDirectory } = await loadConfigured(options);
  if (config.engine !== 'kubernetes') {
    throw new GantryError({
      code: 'render.no-manifests',
      whose: 'user',
      message: `the engine ${config.engine} has no manifests`,
      next: 'this command is for clouds on Kubernetes (--engine kubernetes); "gantry plan" shows what up would do',
      exitCode: ExitCode.usage,
    });
  }
  if (options.secretsTo === undefined) {
    const cloud = await openCloud(await loadConfigured(options), {}, terminal);
    process.stdout.write(formatManifests(await objectsOf(cloud), options.output, { secrets: false }));
    const unkept = cloud.unkept();
    if (unkept.length > 0) {
      process.stderr.write(
        `warning: to look at only, not to apply: ${unkept.join(', ')} would be made anew, which only "gantry up" and --secrets-to FILE keep\n`,
      );
    }
    return ExitCode.done;
  }
  const lock = await acquireLock(stateDirectory, { command: 'gantry render --secrets-to' });
  try {
    const cloud = await openCloud(await loadConfigured(options), {}, terminal);
    await refuseWithoutSecrets(cloud);
    const objects = await objectsOf(cloud);
    const secrets = formatManifests(objects.filter(isSecret), options.output, { secrets: true });
    // First: a file of secrets that are kept nowhere would be of a cloud that never is.
    cloud.keep();
    await writePrivately(options.secretsTo, secrets);
    process.stdout.write(formatManifests(objects, options.output, { secrets: false }));
    return ExitCode.done;
  } finally {
    await lock.release();
  }
};

async function objectsOf({ engine, desired }: Cloud): Promise<RenderedObject[]> {
  return (await engine.render?.(desired)) ?? [];
}

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
