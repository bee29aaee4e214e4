import { writeFile } from 'node:fs/promises';
import { ExitCode } from '../../errors.ts';
import { graphSvg, graphText } from '../../images/draw.ts';
import { loadImageGraph } from '../../images/graph.ts';
import { projectRoot } from '../../root.ts';
import type { Command } from '../command.ts';

export const run: Command<'images graph'> = async (options) => {
  const graph = await loadImageGraph(projectRoot());
  if (options.svg === undefined) process.stdout.write(`${graphText(graph).trimEnd()}\n`);
  else await writeFile(options.svg, graphSvg(graph));
  return ExitCode.done;
};
