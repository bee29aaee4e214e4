import { ExitCode } from '../../errors.ts';
import { withParents } from '../../images/graph.ts';
import { pushImages } from '../../images/push.ts';
import { openImages } from '../images.ts';
import { interruptSignal } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';

export async function run(
  options: GlobalOptions & { version?: string },
  [registry, names]: (string | string[] | undefined)[],
): Promise<number> {
  const { docker, graph, config } = await openImages(options);
  const pushed = await pushImages(docker, withParents(graph, [names ?? []].flat()), {
    registry: String(registry),
    version: options.version ?? config.images.version ?? config.release,
    signal: interruptSignal(),
  });
  process.stdout.write(`${pushed.join('\n')}\n`);
  return ExitCode.done;
}
