import type { ExecutorsOf } from '../../../src/engine/engine.ts';
import { cleanNode } from '../nodes/clean.ts';
import { changeRoles } from '../nodes/nodes.ts';
import { seedNode } from '../nodes/seed.ts';
import { growClaim } from '../observe/resizes.ts';
import type { BundleStepArgs } from '../plan/steps.ts';
import { connectTo } from '../pods/connect.ts';
import { onNode } from '../render/volumes.ts';
import { applyBundle } from './apply.ts';
import { runJob } from './job.ts';
import { publishImage } from './publish.ts';
import { reloadBundle } from './reload.ts';
import { removeBundle } from './remove.ts';
import { waitUntilRetired } from './retire.ts';
import type { RunContext } from './run-context.ts';
import { shrinkProcess } from './shrink.ts';
import { waitForBundle } from './wait.ts';

/** One executor per kind of step. */
export function createExecutors(run: RunContext): ExecutorsOf<BundleStepArgs> {
  const { options, desired, api, scope } = run;
  const { buildImage, runTask, clock } = options;
  return {
    'image.build': ({ args }, context) => buildImage(args.image, context),
    'image.publish': ({ args }, context) => publishImage(run, args.image, context),
    'node.label': ({ args }) => changeRoles(api, args.node, { add: args.roles }),
    'node.seed': ({ args: { node, image } }, context) =>
      seedNode(api, clock, { scope, node, image, archive: () => run.saveImage(image) }, context),
    'claim.grow': ({ args }, context) => growClaim(api, args, context),
    'bundle.apply': async ({ args }, context) => {
      await shrinkProcess(run, args.bundle, context);
      await applyBundle(api, clock, args, context);
    },
    'bundle.wait': ({ args }, context) => waitForBundle(run, args.bundle, context),
    'bundle.retire': ({ args }, context) => waitUntilRetired(run, args.bundle, context),
    'bundle.reload': ({ args }, context) => reloadBundle(run, args.bundle, context),
    'bundle.remove': ({ args }, context) => removeBundle(run, args, context),
    'node.clean': async ({ args }, context) => {
      if (!desired.processes.some(({ volumes }) => volumes.some(onNode))) return;
      await cleanNode(run, args.node, context);
    },
    'job.run': ({ args }, context) => runJob(run, args.job, args.identity, context),
    'task.run': async ({ args }, context) => {
      await runTask(args.task, context, {
        desired,
        connect: (process, port) => connectTo(api, scope, process, port),
      });
      await run.record({ [args.task.name]: args.identity }, context);
    },
  };
}
