import type { ActivityContext } from '../openstack/flow.ts';
import type { Session } from '../openstack/session.ts';
import type { VerifyMeans } from './means.ts';

/**
 * What each check gives to those that need it, by the check's name. Services add theirs where they define them, by
 * `declare module`; `unknown` is what nobody needs.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the catalogue.
export interface CheckResults {}
export type CheckName = keyof CheckResults;

/** What a check may use, and say while it runs. */
export interface CheckContext extends ActivityContext, VerifyMeans {
  /** An administrator's. */
  admin: Session;
  /** Of everything that is made for the run. */
  name: string;
}

/** One thing that users expect of a cloud. */
export interface Check {
  name: CheckName;
  needs: readonly CheckName[];
  /** Throws where it is not so. Runs once what it needs is there, beside all others. */
  run(given: CheckResults, context: CheckContext): Promise<unknown>;
  /** Says why what it gave does not work, where any check failed. */
  explain?(result: unknown, means: VerifyMeans): Promise<string>;
}

/** What a service brings to `verify`: the default export of `catalogue/SERVICE/verify/checks.ts`. */
export interface ServiceChecks {
  checks: readonly Check[];
  /** Removes what its checks made outside of the run's own project. */
  remove?(removal: Removal): Promise<void>;
}

export interface Removal {
  /** An administrator's. */
  admin: Session;
  /** Whether something of this name is of a run whose things are to go. */
  isOurs(name: string): boolean;
  /** Goes on where the work fails, and tells of it. */
  attempt(what: string, work: () => Promise<unknown>): Promise<void>;
}

export function defineCheck<Name extends CheckName, Need extends CheckName = never>(check: {
  name: Name;
  needs?: readonly Need[];
  run(given: Pick<CheckResults, Need>, context: CheckContext): Promise<CheckResults[Name]>;
  explain?(result: CheckResults[Name], means: VerifyMeans): Promise<string>;
}): Check {
  return { needs: [], ...check };
}
