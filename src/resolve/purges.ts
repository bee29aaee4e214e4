import type { ServiceDefinition } from '../model/service.ts';
import type { ServicePurge } from '../openstack/purge.ts';
import { loadBrought } from './brought.ts';

/** How what users make of these services goes. */
export async function loadPurges(
  root: string,
  services: readonly Pick<ServiceDefinition, 'name'>[],
): Promise<ServicePurge[]> {
  return loadBrought(root, services, 'purge.ts', (name) => import(`../../catalogue/${name}/purge.ts`));
}
