import type { OsloSections } from '../model/oslo.ts';
import type { Session } from '../openstack/session.ts';
import type { Preparation, TempestPart } from './part.ts';

/** What Tempest is to know of a service, and what of that is secret. */
export interface Prepared {
  sections: OsloSections;
  secrets: OsloSections;
}

/**
 * Makes what tests of these services need to have given. Returns what Tempest is to know of each. `admin` is an
 * administrator's session. Nothing is under way any more when it throws the first failure.
 */
export async function prepareCloud(
  admin: Session,
  parts: readonly TempestPart[],
  wanted: Preparation,
): Promise<Prepared[]> {
  const prepared = parts.map(async (part) => {
    const seen = await part.prepare(admin, wanted);
    return { sections: part.sections(seen), secrets: part.secrets?.(seen) ?? {} };
  });
  await Promise.allSettled(prepared);
  return Promise.all(prepared);
}
