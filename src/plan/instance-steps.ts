import type { DesiredNetwork } from '../model/desired.ts';
import type { Farewell, Process } from '../model/workload.ts';
import type { Identity } from './identity.ts';
import type { StepOf } from './step.ts';
import { type CommonStepArgs, stepsOf } from './steps.ts';

/** Arguments of the kinds of step of engines that run single containers. */
export interface InstanceStepArgs extends CommonStepArgs {
  'network.create': { network: DesiredNetwork };
  'network.remove': { name: string };
  'volume.create': { volume: string };
  'volume.remove': { volume: string };
  /** Create one instance with its files and start it; whatever half-made instance is in the way is removed. */
  'instance.start': { process: Process; ordinal: number; identity: Identity };
  /** Wait until the instance of this identity is healthy. */
  'instance.wait': { process: Process; ordinal: number; identity: Identity };
  /** Write changed reloadable files and have the process take them up. */
  'instance.reload': { process: Process; ordinal: number; instance: string };
  /** Start again an instance that stopped, as it is. */
  'instance.restart': { instance: string };
  /** Run the farewell where there is one, stop within the grace time and remove. */
  'instance.remove': { instance: string; graceSeconds: number; farewell?: Farewell };
}
export type InstanceStep = StepOf<InstanceStepArgs>;

export const { makeStep, stepId } = stepsOf<InstanceStepArgs>({
  'network.create': { verb: 'create network', change: 'create', seconds: 1 },
  'network.remove': { verb: 'remove network', change: 'destroy', seconds: 1 },
  'volume.create': { verb: 'create volume', change: 'create', seconds: 1 },
  'volume.remove': { verb: 'remove volume', change: 'destroy', seconds: 1 },
  'instance.start': { verb: 'start', change: 'create', seconds: 1 },
  'instance.wait': { verb: 'wait for', change: 'wait', seconds: 5 },
  'instance.reload': { verb: 'reload', change: 'change', seconds: 1 },
  'instance.restart': { verb: 'restart', change: 'change', seconds: 1 },
  'instance.remove': { verb: 'remove', change: 'destroy', seconds: 2 },
});
