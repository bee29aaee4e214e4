import type { SecretRotation, ServiceOperations } from '../../src/model/operation.ts';
import { API, KEK } from './names.ts';

/** By several keys of Barbican's simple_crypto: https://docs.openstack.org/releasenotes/barbican/2025.1.html */
const kek: SecretRotation = {
  name: 'kek',
  summary: 'the key that Barbican encrypts the keys of projects with',
  secret: KEK,
  description: `A new key for the keys of projects, which secrets are encrypted with. Secrets stay readable, and are not touched.

1. Barbican's API is given the new key beside the one in use.
2. It encrypts with the new one.
3. The keys of all projects are encrypted with it anew.
4. The key from before is dropped.

Its containers are replaced three times, as by any change.`,
  outcome: 'The keys of all projects are encrypted with a new key.',
  renew: { process: API, command: ['rewrap-project-keys'] },
};

export default { rotations: [kek] } satisfies ServiceOperations;
