import type { AnyRotation, Collection, ServiceOperations } from '../model/operation.ts';
import type { ServiceDefinition } from '../model/service.ts';
import { loadBrought } from './brought.ts';

/** What can be done with these services. */
export async function loadOperations(
  root: string,
  services: readonly Pick<ServiceDefinition, 'name'>[],
): Promise<{ rotations: AnyRotation[]; collections: Collection[] }> {
  const operations = await loadBrought<ServiceOperations>(
    root,
    services,
    'operations.ts',
    (name) => import(`../../catalogue/${name}/operations.ts`),
  );
  return {
    rotations: operations.flatMap(({ rotations = [] }) => rotations),
    collections: operations.flatMap(({ collections = [] }) => collections),
  };
}
