import type { ServiceDefinition } from '../model/service.ts';
import { loadBrought } from '../resolve/brought.ts';
import type { TempestPart } from './part.ts';

/** What the services of a cloud bring to Tempest. */
export async function loadTempestParts(
  root: string,
  services: readonly Pick<ServiceDefinition, 'name'>[],
): Promise<TempestPart[]> {
  return loadBrought(root, services, 'tempest.ts', (name) => import(`../../catalogue/${name}/tempest.ts`));
}
