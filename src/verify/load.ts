import type { ServiceDefinition } from '../model/service.ts';
import { loadBrought } from '../resolve/brought.ts';
import type { ServiceChecks } from './check.ts';

/** What the services of a cloud bring to `verify`. */
export async function loadChecks(
  root: string,
  services: readonly Pick<ServiceDefinition, 'name'>[],
): Promise<ServiceChecks[]> {
  return loadBrought(
    root,
    services,
    'verify/checks.ts',
    (name) => import(`../../catalogue/${name}/verify/checks.ts`),
  );
}
