import { writeFile } from 'node:fs/promises';
import { loadConfigured } from '../../cloud/configured.ts';
import { ExitCode } from '../../errors.ts';
import { graphSvg, graphText } from '../../images/draw.ts';
import { loadImageGraph } from '../../images/graph.ts';
import { releaseNamed } from '../../model/releases.ts';
import type { Command } from '../command.ts';

export const run: Command<'images graph'> = async (options) => {
  const { root, config } = await loadConfigured(options);
  const graph = await loadImageGraph(root, releaseNamed(config.release));
  if (options.svg === undefined) process.stdout.write(`${graphText(graph).trimEnd()}\n`);
  else await writeFile(options.svg, graphSvg(graph));
  return ExitCode.done;
};
