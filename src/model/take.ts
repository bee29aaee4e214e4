import { GantryError } from '../errors.ts';
import type { RenderContext } from './context.ts';
import type { Dependent, OfferName, Offers } from './offers.ts';

/** An offer that there is no doing without. */
export function take<Name extends OfferName>(context: RenderContext, name: Name): Offers[Name] {
  const offer = context.offered(name);
  if (!offer) {
    throw new GantryError({
      code: 'catalogue.no-offer',
      whose: 'bug',
      message: `a service of the catalogue takes ${name}, which no service that is on gives`,
    });
  }
  return offer;
}

/**
 * Makes a workload with a context of its own: what it waits for and connects to follows from the offers that are asked
 * for there. It does not wait for those that it makes use of `later` only, long after it has started.
 */
export function taking<Context extends RenderContext, T extends Dependent | undefined>(
  context: Context,
  make: (context: Context) => T,
  later: readonly OfferName[] = [],
): T {
  const taken = new Map<OfferName, Dependent>();
  const made = make({
    ...context,
    offered: (name) => {
      const offer = context.offered(name);
      if (offer) taken.set(name, offer);
      return offer;
    },
  });
  if (!made) return made;
  const waits = [...taken].flatMap(([name, { after }]) => (later.includes(name) ? [] : after));
  const reached = [...taken.values()].flatMap(({ reaches }) => reaches);
  return {
    ...made,
    after: [...new Set([...made.after, ...waits])],
    reaches: [...new Set([...made.reaches, ...reached])],
  };
}
