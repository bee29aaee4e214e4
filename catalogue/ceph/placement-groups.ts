import { pools } from './config.ts';

/** Each pool's placement groups on one OSD, of one copy. */
const parts = { [pools.volumes]: 32, [pools.images]: 16, [pools.servers]: 32 };

/**
 * How many placement groups each pool is to have, a power of two: an OSD has 40 to 80 of them, however many OSDs and
 * copies there are, and up to twice as many after others have gone (see shape-cluster). Ceph warns above 250.
 * https://docs.ceph.com/en/reef/rados/operations/placement-groups/
 */
export function placementGroups(
  osds: number,
  copies: number,
  declared: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const times = 2 ** Math.floor(Math.log2(Math.max(1, osds / copies)));
  return Object.fromEntries(
    Object.entries({ ...parts, ...declared }).map(([pool, part]) => [pool, part * times]),
  );
}
