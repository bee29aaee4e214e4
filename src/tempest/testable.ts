import { readFile } from 'node:fs/promises';
import type { OsloOptions } from '../config/known.ts';

/** Names of the services that Tempest has tests for, by the option data of a release. */
export async function readTestable(file: string): Promise<string[]> {
  const data = JSON.parse(await readFile(file, 'utf8')) as Record<string, OsloOptions>;
  return Object.entries(data['tempest.conf']?.service_available ?? {})
    .filter(([, { deprecatedFor }]) => deprecatedFor === undefined)
    .map(([name]) => name);
}
