import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition } from '../model/service.ts';
import type { ServiceChecks } from './check.ts';

/** What the services of a cloud bring to `verify`: a folder with verify/checks.ts does. */
export async function loadChecks(
  root: string,
  services: readonly Pick<ServiceDefinition, 'name'>[],
): Promise<ServiceChecks[]> {
  const names = services
    .map(({ name }) => name)
    .filter((name) => existsSync(join(root, 'catalogue', name, 'verify/checks.ts')));
  return Promise.all(
    names.map(async (name) => {
      const module = (await import(`../../catalogue/${name}/verify/checks.ts`)) as { default: ServiceChecks };
      return module.default;
    }),
  );
}
