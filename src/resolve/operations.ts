import type { Rotation, ServiceOperations } from '../model/operation.ts';
import type { ServiceDefinition } from '../model/service.ts';
import { loadBrought } from './brought.ts';

/** The rotations of keys that these services bring. */
export async function loadRotations(
  root: string,
  services: readonly Pick<ServiceDefinition, 'name'>[],
): Promise<Rotation[]> {
  const operations = await loadBrought<ServiceOperations>(
    root,
    services,
    'operations.ts',
    (name) => import(`../../catalogue/${name}/operations.ts`),
  );
  return operations.flatMap(({ rotations }) => rotations);
}
