import { open } from 'node:fs/promises';
import { ExitCode, GantryError, messageOf } from '../../errors.ts';
import { loadConfigured, openCloud } from '../cloud.ts';
import { formatManifests, isSecret, type ManifestFormat } from '../manifests.ts';
import type { GlobalOptions } from '../options.ts';

/** Secrets that are missing are made and kept, as `up` does: manifests carry hashes of them in their names. */
export async function run(
  options: GlobalOptions & { output: ManifestFormat; secretsTo?: string },
): Promise<number> {
  const { config } = await loadConfigured(options);
  if (config.engine !== 'kubernetes') {
    throw new GantryError({
      code: 'render.no-manifests',
      whose: 'user',
      message: `the engine ${config.engine} has no manifests`,
      next: 'this command is for clouds on Kubernetes (--engine kubernetes); "gantry plan" shows what up would do',
      exitCode: ExitCode.usage,
    });
  }
  const { engine, desired } = await openCloud(options);
  const objects = ((await engine.render?.(desired)) ?? []).flatMap((bundle) => bundle.objects);
  if (options.secretsTo !== undefined) {
    await writePrivately(
      options.secretsTo,
      formatManifests(objects.filter(isSecret), options.output, { secrets: true }),
    );
  }
  process.stdout.write(formatManifests(objects, options.output, { secrets: false }));
  return ExitCode.done;
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
