import { accountsOfObjects, removeAccount } from '../../src/openstack/object-store.ts';
import type { ServicePurge } from '../../src/openstack/purge.ts';

export default { layer: 'resources', kinds: [accountsOfObjects(removeAccount)] } satisfies ServicePurge;
