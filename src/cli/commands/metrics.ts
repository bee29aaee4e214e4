import { rename, rm, writeFile } from 'node:fs/promises';
import { openCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { readMetrics } from '../../cloud/metrics.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';

export const run: Command<'metrics'> = async (options, _arguments, terminal) => {
  const text = await readMetrics(await openCloud(await loadConfigured(options), {}, terminal));
  if (options.to === undefined) process.stdout.write(text);
  else await replaceFile(options.to, text);
  return ExitCode.done;
};

/** The collector reads whole directories whenever it likes; of these it takes names that end with `.prom`. */
async function replaceFile(path: string, text: string): Promise<void> {
  const half = `${path}.${process.pid}`;
  try {
    await writeFile(half, text, { mode: 0o644 });
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}
