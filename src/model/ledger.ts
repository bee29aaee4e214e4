import { GantryError } from '../errors.ts';
import type { Desired, Ledger } from './desired.ts';

/** What jobs and tasks are recorded in. Throws `catalogue.no-ledger` where a cloud without one has any. */
export function ledgerOf({ ledger }: Pick<Desired, 'ledger'>): Ledger {
  if (ledger) return ledger;
  throw new GantryError({
    code: 'catalogue.no-ledger',
    whose: 'bug',
    message: 'no service of the cloud keeps the ledger',
  });
}
