import { randomBytes } from 'node:crypto';
import { GantryError } from '../../../src/errors.ts';
import {
  getOrder,
  idOf,
  orderKey,
  readSecret,
  removeOrder,
  removeSecret,
  storeSecret,
} from '../../../src/openstack/key-manager.ts';
import type { Session } from '../../../src/openstack/session.ts';
import { waitFor } from '../../../src/openstack/wait.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    keys: unknown;
  }
}

const KEY_BYTES = 32;
const ORDER_LIMIT_MS = 60_000;

export default {
  checks: [
    defineCheck({
      name: 'keys',
      needs: ['token'],
      run: async ({ token: user }, { name, note }) => {
        const content = randomBytes(KEY_BYTES);
        const stored = await storeSecret(user, { name, content });
        if (!(await readSecret(user, stored)).equals(content)) {
          throw failure('the secret read is not the secret stored');
        }
        const order = await orderKey(user, name);
        const made = await orderedKey(user, order);
        const { length } = await readSecret(user, made);
        if (length !== KEY_BYTES) throw failure(`a key of ${KEY_BYTES} bytes was ordered, and has ${length}`);
        await removeOrder(user, order);
        await Promise.all([stored, made].map((id) => removeSecret(user, id)));
        note(`a secret stored, and an AES key of ${KEY_BYTES * 8} bits ordered`);
      },
    }),
  ],
} satisfies ServiceChecks;

/** Waits until an order is carried out; resolves to the id of what was made. */
async function orderedKey(user: Session, order: string): Promise<string> {
  return waitFor({
    failure: 'the key that was ordered was not there',
    limitMs: ORDER_LIMIT_MS,
    everyMs: 1000,
    signal: user.signal,
    clock: user.clock,
    look: async (): Promise<{ done: string } | { waiting: string }> => {
      const { status, error_reason: reason, secret_ref: made } = await getOrder(user, order);
      if (status === 'ERROR')
        throw failure(`the order of a key failed: ${reason ?? 'Barbican says no more'}`);
      return status === 'ACTIVE' && made !== undefined
        ? { done: idOf(made) }
        : { waiting: `the order is ${status}` };
    },
  });
}

function failure(message: string): GantryError {
  return new GantryError({
    code: 'verify.keys',
    whose: 'environment',
    message,
    next: 'Look at `gantry logs barbican-api`.',
  });
}
