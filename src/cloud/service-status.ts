import type { Engine } from '../engine/engine.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { ServiceDefinition } from '../model/service.ts';
import type { ServiceState, ServiceStatus } from '../model/service-status.ts';
import { loadBrought } from '../resolve/brought.ts';
import { askInstance } from './ask.ts';

/** Longest time that a service may take to answer, in milliseconds. */
const LIMIT = 10_000;

export interface NamedState extends ServiceState {
  service: string;
}

/** What services of the cloud tell of themselves; one that does not answer is shown as the state of its processes. */
export async function readServiceStates(
  { root, engine, cloud }: { root: string; engine: Pick<Engine, 'exec'>; cloud: string },
  services: readonly Pick<ServiceDefinition, 'name'>[],
  instances: readonly ObservedInstance[],
): Promise<NamedState[]> {
  const statuses = await loadBrought<ServiceStatus>(
    root,
    services,
    'status.ts',
    (name) => import(`../../catalogue/${name}/status.ts`),
  );
  const states = await Promise.all(
    statuses.map(async ({ service, process, command, read }) => {
      const asked = instances.find(({ workload, state }) => workload === process && state === 'running');
      if (!asked) return [];
      const instance = `${process}.${asked.ordinal}`;
      const answer = await askInstance(engine, cloud, { instance, command, limitMs: LIMIT });
      return answer === undefined ? [] : [{ service, ...read(answer) }];
    }),
  );
  return states.flat();
}
