import type { Desired } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { Process } from '../model/workload.ts';
import { wantedIdentity } from '../plan/identity.ts';
import { referenceOf } from '../plan/jobs.ts';

/** State of an instance that is being stopped beside as many as are wanted. */
const LEFT_OVER = 'stopping';

/** One line of `gantry status`. */
export interface StatusRow {
  service: string;
  process: string;
  node: string | undefined;
  state: string;
  /** ISO 8601, in UTC; of the last start. */
  since: string | undefined;
  /** Reference of the image that the process is to have. */
  image: string;
  detail: string | undefined;
}

/** What `status` shows: each instance that is wanted, there or not, and those that are there besides. */
export function rowsOf(
  desired: Pick<Desired, 'processes' | 'images'>,
  instances: ObservedInstance[],
): StatusRow[] {
  return desired.processes.flatMap((process) => {
    const image = referenceOf(process, desired.images);
    const { identity } = wantedIdentity(process, desired);
    return ordinalsOf(process, instances).map((ordinal, _index, all): StatusRow => {
      const found = instances.find((one) => one.workload === process.name && one.ordinal === ordinal);
      return {
        service: process.service,
        process: all.length > 1 ? `${process.name}-${ordinal}` : process.name,
        node: found?.node,
        state: found ? stateOf(found, process) : 'absent',
        since: found?.startedAt,
        image,
        detail: found ? (found.detail ?? changed(identity, found)) : undefined,
      };
    });
  });
}

/** How many are healthy, of how many; what is only left to stop does not count. */
export function countHealthy(rows: Pick<StatusRow, 'state'>[]): { healthy: number; counted: number } {
  const counted = rows.filter((row) => !isLeftOver(row));
  return { healthy: counted.filter((row) => row.state === 'healthy').length, counted: counted.length };
}

export function isLeftOver({ state }: Pick<StatusRow, 'state'>): boolean {
  return state === LEFT_OVER;
}

/** As many as are wanted, and those that are there besides: one on each node, or some that are going. */
function ordinalsOf(
  { name, replicas }: { name: string; replicas: number },
  instances: ObservedInstance[],
): number[] {
  const wanted = Array.from({ length: replicas }, (_, ordinal) => ordinal);
  const present = instances.filter((one) => one.workload === name).map((one) => one.ordinal);
  return [...new Set([...wanted, ...present])].sort((a, b) => a - b);
}

function stateOf(instance: ObservedInstance, { replicas }: Pick<Process, 'replicas'>): string {
  if (instance.leaving && instance.ordinal >= replicas) return LEFT_OVER;
  return instance.state === 'running'
    ? instance.health === 'none'
      ? 'running'
      : instance.health
    : instance.state;
}

/** Says when an instance is not what cloud.yaml and this version of Gantry would make now. */
function changed(wanted: string, instance: ObservedInstance): string | undefined {
  return wanted === instance.identity ? undefined : 'changed; "gantry up" replaces it';
}
