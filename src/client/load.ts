import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '../errors.ts';
import type { ArgumentTable } from './table.ts';

/**
 * The arguments of the client of a release; scripts/client-arguments.ts writes them. Throws `client.no-arguments` for a
 * release without them.
 */
export function loadArgumentTable(root: string, release: string): ArgumentTable {
  const path = join(root, 'catalogue', 'client', `arguments.${release}.json`);
  if (!existsSync(path)) {
    throw new GantryError({
      code: 'client.no-arguments',
      whose: 'bug',
      message: `which arguments of OpenStack's client in ${release} are files is not known`,
      why: `${path} is not there.`,
      next: 'Have it written by "npm run client-arguments".',
    });
  }
  return JSON.parse(readFileSync(path, 'utf8')) as ArgumentTable;
}
