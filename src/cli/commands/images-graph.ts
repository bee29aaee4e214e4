import { writeFile } from 'node:fs/promises';
import { ExitCode } from '../../errors.ts';
import { graphSvg, graphText } from '../../images/draw.ts';
import { loadImageGraph } from '../../images/graph.ts';
import { projectRoot } from '../../root.ts';
import type { GlobalOptions } from '../options.ts';

export async function run(options: GlobalOptions & { svg?: string }): Promise<number> {
  const graph = await loadImageGraph(projectRoot());
  if (options.svg === undefined) process.stdout.write(`${graphText(graph).trimEnd()}\n`);
  else await writeFile(options.svg, graphSvg(graph));
  return ExitCode.done;
}
