import type { SecretRotation, ServiceOperations } from '../../src/model/operation.ts';
import { KEY } from './names.ts';

/** Django's other keys: https://docs.djangoproject.com/en/4.2/ref/settings/#secret-key-fallbacks */
const sessions: SecretRotation = {
  name: 'dashboard-sessions',
  summary: 'the key that encrypts sessions of the dashboard',
  secret: KEY,
  description: `A new key that sessions of the dashboard are encrypted with, and its cookies signed.

1. The dashboard is given the new key beside the one in use.
2. Sessions are encrypted with the new one.

The one in use stays valid until this is run again, so that nobody has to log in anew. The one before it, if there is one, is
valid no more.`,
  outcome: 'Sessions of the dashboard are encrypted with a new key.',
};

export default { rotations: [sessions] } satisfies ServiceOperations;
