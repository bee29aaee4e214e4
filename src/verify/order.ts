import { listNames, suggest } from '../config/nearest.ts';
import { usageError } from '../errors.ts';
import type { Check, CheckName, ServiceChecks } from './check.ts';

/**
 * The checks of all services, each after those it needs, in an order that does not depend on that of the services'
 * names: a service whose checks build little on those of others comes first. What needs a check of a service that the cloud
 * does not have is left out.
 * @param wanted names of checks: only these, and what they need; none for all. Throws `usage` for one that is not there.
 */
export function orderChecks(services: readonly ServiceChecks[], wanted: readonly string[] = []): Check[] {
  const all = new Map(services.flatMap(({ checks }) => checks.map((check) => [check.name, check] as const)));
  const ordered = new Map<CheckName, Check>();
  /** False where the check cannot be run. */
  const visit = (name: CheckName, path: readonly CheckName[]): boolean => {
    if (ordered.has(name)) return true;
    if (path.includes(name)) throw new Error(`checks need each other: ${[...path, name].join(', ')}`);
    const check = all.get(name);
    if (!check?.needs.every((need) => visit(need, [...path, name]))) return false;
    ordered.set(name, check);
    return true;
  };
  const byFewestNeeds = [...services].sort((a, b) => foreignNeeds(a) - foreignNeeds(b));
  for (const { checks } of byFewestNeeds) for (const { name } of checks) visit(name, []);
  const inOrder = [...ordered.values()];
  if (wanted.length === 0) return inOrder;
  const chosen = new Set(wanted.flatMap((name) => withNeeds(name, ordered)));
  return inOrder.filter(({ name }) => chosen.has(name));
}

/** A check and all that it needs. */
function withNeeds(name: string, checks: ReadonlyMap<string, Check>): CheckName[] {
  const check = checks.get(name);
  if (check) return [check.name, ...check.needs.flatMap((need) => withNeeds(need, checks))];
  throw usageError(`this cloud has no check "${name}"${suggest(name, checks.keys())}`, {
    why: listNames('Checks', [...checks.keys()]),
  });
}

/** How often checks of a service need those of another. */
function foreignNeeds({ checks }: ServiceChecks): number {
  const own = new Set(checks.map(({ name }) => name));
  return checks.flatMap(({ needs }) => needs).filter((name) => !own.has(name)).length;
}
