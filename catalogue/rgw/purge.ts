import { accountsOfObjects, emptyAccount } from '../../src/openstack/object-store.ts';
import type { ServicePurge } from '../../src/openstack/purge.ts';

/** Accounts themselves are not removed by Swift's API (405, RGW 18.2.7). */
export default { layer: 'resources', kinds: [accountsOfObjects(emptyAccount)] } satisfies ServicePurge;
