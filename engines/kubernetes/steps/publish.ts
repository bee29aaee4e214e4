import type { StepContext } from '../../../src/engine/engine.ts';
import { GantryError } from '../../../src/errors.ts';
import type { DesiredImage } from '../../../src/model/desired.ts';
import { connectToRegistry } from '../observe/registry.ts';
import type { RunContext } from './run-context.ts';

/** Sends an image that was built here to where nodes take it from. Throws `registry.missing` where that is nowhere. */
export async function publishImage(
  run: RunContext,
  image: DesiredImage,
  context: StepContext,
): Promise<void> {
  const { options, api, scope, desired } = run;
  const { registry } = options.settings;
  if (desired.registry) {
    const { address, close } = await connectToRegistry(api, scope, desired.registry);
    try {
      await options.publishImage(image, address, context);
    } finally {
      await close();
    }
    return;
  }
  if (registry === undefined) {
    throw new GantryError({
      code: 'registry.missing',
      whose: 'user',
      message: `nodes have no place to take the image ${image.name} from`,
      why: 'cloud.yaml says that there is no registry, and the nodes do not have the image.',
      next: 'Leave images.registry out of cloud.yaml to have one inside the cluster, or set it to one that this machine and the nodes reach by the same name.',
    });
  }
  await options.publishImage(image, registry, context);
}
