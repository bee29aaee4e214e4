import type { Desired } from '../../../src/model/desired.ts';
import type { Process } from '../../../src/model/workload.ts';
import { wantedIdentity } from '../../../src/plan/identity.ts';
import type { DesiredBundle } from '../plan/bundle.ts';
import { renderShared } from './cloud.ts';
import type { ClusterFacts } from './cluster.ts';
import { renderConfig } from './config.ts';
import { renderController } from './controllers.ts';
import { type RenderInput, SHARED } from './object.ts';
import { renderDisruptionBudget, renderNetworkPolicy } from './policies.ts';
import { renderServices } from './services.ts';

/**
 * All objects of a cloud: first the bundle of what processes share, then one for each process. Pure. Jobs are not in
 * it (see renderJobObjects): they come and go.
 * Throws GantryError where a process needs what Kubernetes cannot give, a defect of the catalogue.
 */
export function renderBundles(desired: Desired, cluster: ClusterFacts): DesiredBundle[] {
  const input = { desired, cluster };
  return [
    {
      name: SHARED,
      group: SHARED,
      process: undefined,
      identity: undefined,
      objects: renderShared(input),
    },
    ...desired.processes.map((process) => renderProcess(input, process)),
  ];
}

function renderProcess(input: RenderInput, process: Process): DesiredBundle {
  const identity = wantedIdentity(process, input.desired);
  const objects = [
    ...renderConfig(input, process),
    ...renderServices(input, process),
    renderNetworkPolicy(input, process),
    renderDisruptionBudget(input, process),
    renderController(input, process, identity),
  ].filter((object) => object !== undefined);
  return { name: process.name, group: process.service, process, identity, objects };
}
