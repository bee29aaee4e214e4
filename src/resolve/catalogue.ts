import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition } from '../model/service.ts';

/** Every service in catalogue/: a folder with a service.ts is one; nothing else lists them. */
export async function loadCatalogue(root: string): Promise<ServiceDefinition[]> {
  const folder = join(root, 'catalogue');
  const names = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'service.ts')))
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const module = (await import(`../../catalogue/${name}/service.ts`)) as { default: ServiceDefinition };
      return module.default;
    }),
  );
}
