import type { DesiredImage } from '../../../src/model/desired.ts';
import type { NodeRole } from '../../../src/model/node-role.ts';
import type { Farewell } from '../../../src/model/workload.ts';
import type { StepOf } from '../../../src/plan/step.ts';
import { type CommonStepArgs, stepsOf } from '../../../src/plan/steps.ts';
import type { DesiredBundle, ObjectRef } from './bundle.ts';

/** Arguments of the kinds of step of this engine. */
export interface BundleStepArgs extends CommonStepArgs {
  /** Bring one image to the registry that nodes take images from. */
  'image.publish': { image: DesiredImage };
  /** Load the image of the registry inside the cluster into a node, which can take it from nowhere yet. */
  'node.seed': { node: string; image: DesiredImage };
  /** Give a node its roles in this cloud. */
  'node.label': { node: string; roles: NodeRole[] };
  /** Remove what the cloud kept on a node itself. */
  'node.clean': { node: string };
  /** Ask for a larger volume where the claim is not an object of a bundle. */
  'claim.grow': { claim: ObjectRef; to: string };
  /**
   * Apply all objects of a bundle; those in `replace` are removed and made again. `force` takes over fields that
   * others claim.
   */
  'bundle.apply': { bundle: DesiredBundle; replace: ObjectRef[]; force: boolean };
  /** Wait until the cluster has brought about what was applied, and every instance is healthy. */
  'bundle.wait': { bundle: DesiredBundle };
  /** Wait until nothing runs any more in pods of another identity, those included that are being stopped. */
  'bundle.retire': { bundle: DesiredBundle };
  /** Have all instances take up the changed reloadable files that were applied. */
  'bundle.reload': { bundle: DesiredBundle };
  /** Run the farewell in every instance where there is one, then remove the objects and wait until nothing runs. */
  'bundle.remove': { name: string; objects: ObjectRef[]; farewell?: Farewell };
}
export type BundleStep = StepOf<BundleStepArgs>;

export const { makeStep, stepId } = stepsOf<BundleStepArgs>({
  // Images share layers: what one has brought there, the next does not send again.
  'image.publish': { verb: 'publish image', change: 'create', seconds: 5, limit: 1 },
  'node.seed': { verb: 'seed node', change: 'change', seconds: 10, limit: 4 },
  'node.label': { verb: 'label node', change: 'change', seconds: 1 },
  'node.clean': { verb: 'clean node', change: 'destroy', seconds: 5 },
  'claim.grow': { verb: 'grow volume', change: 'change', seconds: 1 },
  'bundle.apply': { verb: 'apply', change: 'create', seconds: 1 },
  'bundle.wait': { verb: 'wait for', change: 'wait', seconds: 8 },
  'bundle.retire': { verb: 'wait for the earlier', change: 'wait', seconds: 5 },
  'bundle.reload': { verb: 'reload', change: 'change', seconds: 1 },
  'bundle.remove': { verb: 'remove', change: 'destroy', seconds: 3 },
});
