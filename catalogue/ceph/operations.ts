import type { LoginRotation, ServiceOperations } from '../../src/model/operation.ts';
import { clientsOf } from './declared-pools.ts';

/**
 * Ceph has a second key of one user as well (`auth get-or-create-pending`): it makes that itself, and the first use of it ends
 * the other, which servers that run have and do not change (https://docs.ceph.com/en/reef/rados/operations/user-management/).
 */
const clients: LoginRotation = {
  name: 'ceph-keys',
  summary: 'the keys that services and servers open pools of Ceph with',
  users: (declared) => clientsOf({ declared }),
  description: `New keys for all who use pools of Ceph: each has two names that take turns.

1. The name that is not in use gets a new key, in Ceph and in hypervisors.
2. Services use it, and servers do when they are started or moved, or given another volume.

The keys in use now stay valid until this is run again: servers that run keep what they have open.`,
  outcome: 'Pools of Ceph are opened with new keys.',
};

export default { rotations: [clients] } satisfies ServiceOperations;
