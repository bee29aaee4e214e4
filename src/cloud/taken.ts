import { GantryError } from '../errors.ts';
import type { TakenByGantry } from '../model/desired.ts';

/** What there is no doing without here. Throws `catalogue.no-offer` where no service of the cloud gives it. */
export function taken<Name extends keyof TakenByGantry>(
  desired: Pick<TakenByGantry, Name>,
  name: Name,
): NonNullable<TakenByGantry[Name]> {
  const offer: TakenByGantry[Name] = desired[name];
  if (offer !== undefined) return offer;
  throw new GantryError({
    code: 'catalogue.no-offer',
    whose: 'bug',
    message: `this takes ${name}, which no service of the cloud gives`,
  });
}
