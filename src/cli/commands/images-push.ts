import { loadConfigured } from '../../cloud/configured.ts';
import { openImages } from '../../cloud/image-tools.ts';
import { externalRegistry, imageVersion } from '../../config/registry.ts';
import { ExitCode, usageError } from '../../errors.ts';
import { readAccount } from '../../images/account.ts';
import { withParents } from '../../images/graph.ts';
import { isRegistry, pushImages } from '../../images/push.ts';
import type { Command } from '../command.ts';

export const run: Command<'images push'> = async (options, [first, further], terminal) => {
  const { docker, graph, config } = await openImages(await loadConfigured(options));
  const words = [first ?? [], further ?? []].flat();
  const given = words[0] !== undefined && isRegistry(words[0]) ? words.shift() : undefined;
  const registry = given ?? externalRegistry(config);
  if (!registry) {
    throw usageError('no registry to push to', {
      next: 'The registry inside a cluster gets its images from `gantry up`. For another one, name it, such as registry.example.org:5000/cloud, or set images.registry in cloud.yaml.',
    });
  }
  const pushed = await pushImages(docker, withParents(graph, words), {
    registry,
    version: options.version ?? imageVersion(config),
    account: await readAccount(process.env, registry),
    signal: terminal.signal,
  });
  process.stdout.write(`${pushed.join('\n')}\n`);
  return ExitCode.done;
};
