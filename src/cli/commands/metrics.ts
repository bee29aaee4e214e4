import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCloud, requireRunning } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { readMetrics } from '../../cloud/metrics.ts';
import { scrapeFiles } from '../../cloud/scrape-config.ts';
import { ExitCode, usageError } from '../../errors.ts';
import type { Command } from '../command.ts';

export const run: Command<'metrics'> = async (options, _arguments, terminal) => {
  const { to, scrapeConfig } = options;
  if (to !== undefined && scrapeConfig !== undefined)
    throw usageError('--to and --scrape-config write different things: give one of them');
  const cloud = await openCloud(await loadConfigured(options), {}, terminal);
  if (scrapeConfig !== undefined) {
    await requireRunning(cloud);
    const files = scrapeFiles(cloud);
    await mkdir(scrapeConfig, { recursive: true, mode: 0o700 });
    for (const { name, content, mode } of files) await replaceFile(join(scrapeConfig, name), content, mode);
    return ExitCode.done;
  }
  const text = await readMetrics(cloud);
  if (to === undefined) process.stdout.write(text);
  else await replaceFile(to, text);
  return ExitCode.done;
};

/** The collector reads whole directories whenever it likes; of these it takes names that end with `.prom`. */
async function replaceFile(path: string, text: string, mode = 0o644): Promise<void> {
  const half = `${path}.${process.pid}`;
  try {
    await writeFile(half, text, { mode });
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}
