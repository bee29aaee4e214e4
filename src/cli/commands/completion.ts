import { ExitCode, usageError } from '../../errors.ts';
import { loadImageGraph } from '../../images/graph.ts';
import { loadCatalogue } from '../../resolve/catalogue.ts';
import { projectRoot } from '../../root.ts';
import { loadBroughtCommands } from '../brought.ts';
import type { Command } from '../command.ts';
import { completionScript, type Names, shells } from '../completion.ts';
import { commandSpecs } from '../specs.ts';

export const run: Command<'completion'> = async (_options, [shell]) => {
  const known = shells.find((name) => name === shell);
  if (!known) {
    throw usageError(`there is no completion for ${shell}`, {
      next: `use one of ${shells.join(', ')}`,
    });
  }
  const specs = commandSpecs(await loadBroughtCommands(projectRoot()));
  process.stdout.write(completionScript(known, specs, await readNames()));
  return ExitCode.done;
};

/** Names of the catalogue, whatever cloud.yaml leaves out of it: the script is for every cloud. */
async function readNames(): Promise<Names> {
  const root = projectRoot();
  const [catalogue, graph] = await Promise.all([loadCatalogue(root), loadImageGraph(root)]);
  const services = catalogue.map(({ name }) => name);
  const processes = catalogue.flatMap(({ processNames }) => Object.keys(processNames));
  return {
    processes,
    services,
    'processes and services': [...new Set([...processes, ...services])],
    images: graph.images.map(({ name }) => name),
    shells,
  };
}
