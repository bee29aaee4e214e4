import { loadConfigured } from '../../cloud/configured.ts';
import { kubernetesSettings } from '../../cloud/engine.ts';
import { openImages } from '../../cloud/image-tools.ts';
import { ExitCode } from '../../errors.ts';
import { findImage } from '../../images/graph.ts';
import { saveImage } from '../../images/save.ts';
import { refuseTerminal } from '../archive.ts';
import type { Command } from '../command.ts';

/** Under the name that the nodes of a cluster know the image by, so that they find it once it is loaded there. */
export const run: Command<'images save'> = async (options, [name]) => {
  const { docker, graph, config } = await openImages(await loadConfigured(options));
  const image = findImage(graph, name);
  refuseTerminal(`redirect it: gantry images save ${image.name} > ${image.name}.tar`);
  await saveImage(docker, image, kubernetesSettings(config).registry, process.stdout);
  return ExitCode.done;
};
