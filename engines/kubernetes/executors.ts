import { GantryError } from '../../src/errors.ts';
import type { DesiredImage } from '../../src/model/desired.ts';
import type { ExecutorsOf, StepContext } from '../../src/model/engine.ts';
import type { BundleStepKind } from '../../src/plan/step.ts';
import { applyBundle } from './apply.ts';
import { cleanNode } from './clean.ts';
import { connectTo } from './connect.ts';
import { runJob } from './job.ts';
import { setRoles } from './nodes.ts';
import { connectToRegistry } from './registry.ts';
import { reloadBundle } from './reload.ts';
import { removeBundle } from './remove.ts';
import { onNode } from './render/volumes.ts';
import { growClaim } from './resizes.ts';
import type { RunContext } from './run-context.ts';
import { seedNode } from './seed.ts';
import { waitForBundle } from './wait.ts';

/** One executor per kind of step. */
export function createExecutors(run: RunContext): ExecutorsOf<BundleStepKind> {
  const { options, api, scope } = run;
  const { buildImage, runTask, clock } = options;
  return {
    'image.build': ({ args }, context) => buildImage(args.image, context),
    'image.publish': ({ args }, context) => publish(run, args.image, context),
    'node.label': ({ args }) => setRoles(api, args.node, args.roles, true),
    'node.seed': ({ args: { node, image } }, context) =>
      seedNode(api, clock, { scope, node, image, archive: () => run.saveImage(image) }, context),
    'claim.grow': ({ args }, context) => growClaim(api, args, context),
    'bundle.apply': ({ args }, context) => applyBundle(api, clock, args, context),
    'bundle.wait': ({ args }, context) => waitForBundle(run, args.bundle, context),
    'bundle.reload': ({ args }, context) => reloadBundle(api, clock, scope, args.bundle, context),
    'bundle.remove': ({ args }, context) => removeBundle(api, clock, scope, args, context),
    'node.clean': async ({ args }, context) => {
      if (!run.desired.processes.some(({ volumes }) => volumes.some(onNode))) return;
      await cleanNode(api, clock, args.node, await run.renderCleanPod(args.node), context);
    },
    'job.run': ({ args }, context) => runJob(run, args.job, args.identity, context),
    'task.run': async ({ args }, context) => {
      await runTask(args.task, context, (process, port) => connectTo(api, scope, process, port));
      await run.record({ [args.task.name]: args.identity }, context);
    },
  };
}

async function publish(run: RunContext, image: DesiredImage, context: StepContext): Promise<void> {
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
