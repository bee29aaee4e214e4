import { openImages } from '../../cloud/image-tools.ts';
import { buildWithProgress } from '../images.ts';
import { interruptSignal } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';

export async function run(
  options: GlobalOptions & { jobs?: string; version?: string; fresh?: boolean },
  [names]: (string | string[] | undefined)[],
): Promise<number> {
  const tools = await openImages(options);
  return buildWithProgress(tools, {
    names: [names ?? []].flat(),
    version: options.version,
    jobs: options.jobs,
    fresh: options.fresh,
    progress: options.progress,
    signal: interruptSignal(),
  });
}
