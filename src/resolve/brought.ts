import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** By its name, which is that of its folder in catalogue/. */
interface Named {
  name: string;
}

/**
 * What services bring in a file beside service.ts, of those that have it: default exports. Few commands need it, so it is
 * loaded by them only.
 * @param load imports the file of a service: by a path that names the file, for the bundler to find all there are
 */
export async function loadBrought<T>(
  root: string,
  services: readonly Named[],
  file: string,
  load: (service: string) => Promise<unknown>,
): Promise<T[]> {
  const having = services.filter(({ name }) => existsSync(join(root, 'catalogue', name, file)));
  return Promise.all(having.map(async ({ name }) => ((await load(name)) as { default: T }).default));
}
