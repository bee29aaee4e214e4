import type { DesiredBundle, ObjectRef } from '../model/bundle.ts';
import type { DesiredImage, DesiredNetwork, Task } from '../model/desired.ts';
import type { Farewell, Job, NodeRole, Process } from '../model/workload.ts';

/** The arguments of each kind of step. An engine has one executor per kind; one missing does not compile. */
export interface StepArgs {
  'image.build': { image: DesiredImage };
  'network.create': { network: DesiredNetwork };
  'network.remove': { name: string };
  'volume.create': { volume: string };
  'volume.remove': { volume: string };
  /** Create one instance with its files and start it; whatever half-made instance is in the way is removed. */
  'instance.start': { process: Process; ordinal: number; identity: string };
  /** Wait until the instance of this identity is healthy. */
  'instance.wait': { process: Process; ordinal: number; identity: string };
  /** Write changed reloadable files and have the process take them up. */
  'instance.reload': { process: Process; ordinal: number; instance: string };
  /** Start again an instance that stopped, as it is. */
  'instance.restart': { instance: string };
  /** Run the farewell where there is one, stop within the grace time and remove. */
  'instance.remove': { instance: string; graceSeconds: number; farewell?: Farewell };
  /** Bring one image to the registry that nodes take images from. */
  'image.publish': { image: DesiredImage };
  /** Load the image of the registry inside the cluster into a node, which can take it from nowhere yet. */
  'node.seed': { node: string; image: DesiredImage };
  /** Give a node its roles in this cloud. */
  'node.label': { node: string; roles: NodeRole[] };
  /** Ask for a larger volume where the claim is not an object of a bundle. */
  'claim.grow': { claim: ObjectRef; to: string };
  /**
   * Apply all objects of a bundle; those in `replace` are removed and made again. `force` takes over fields that
   * others claim.
   */
  'bundle.apply': {
    bundle: DesiredBundle;
    replace: ObjectRef[];
    force: boolean;
    change: 'create' | 'change' | 'replace';
  };
  /** Wait until the engine has brought about what was applied, and every instance is healthy. */
  'bundle.wait': { bundle: DesiredBundle };
  /** Have all instances take up the changed reloadable files that were applied. */
  'bundle.reload': { bundle: DesiredBundle };
  /** Run the farewell in every instance where there is one, then remove the objects and wait until nothing runs. */
  'bundle.remove': { name: string; objects: ObjectRef[]; farewell?: Farewell };
  /** Remove what the cloud kept on a node itself. */
  'node.clean': { node: string };
  /** Run to the end, record the success in the ledger, remove the container. */
  'job.run': { job: Job; identity: string };
  'task.run': { task: Task; identity: string };
}
export type StepKind = keyof StepArgs;

interface StepBase {
  /** Unique within the plan and stable: `instance.start nova-api.0`. */
  id: string;
  /** What it is about, such as `nova-api`. */
  resource: string;
  /** Service for grouping in displays; `images`, `network` and the like for what belongs to none. */
  group: string;
  /** Why, in words: "config of nova-api changed: [api] max_limit". */
  cause: string;
  /** Ids of the steps that must have succeeded. */
  dependsOn: string[];
  /** True when data is lost by it. */
  destroys: boolean;
}

export type Step = { [K in StepKind]: { kind: K; args: StepArgs[K] } & StepBase }[StepKind];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

/** Kinds of step for engines that run single containers. */
export type InstanceStepKind =
  | CommonStepKind
  | Extract<StepKind, `network.${string}` | `volume.${string}` | `instance.${string}`>;
/** Kinds of step for engines that bring declared objects about themselves. */
export type BundleStepKind =
  | CommonStepKind
  | Extract<StepKind, `bundle.${string}` | `claim.${string}` | `node.${string}` | 'image.publish'>;
type CommonStepKind = 'image.build' | 'job.run' | 'task.run';

export interface Plan {
  cloud: string;
  steps: Step[];
}
