import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArgumentTable } from './table.ts';

/** The arguments of the client of a release; scripts/client-arguments.ts writes them. */
export function loadArgumentTable(root: string, release: string): ArgumentTable {
  const path = join(root, 'catalogue', 'client', `arguments.${release}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as ArgumentTable;
}
