import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Exclusion } from './select.ts';

const schema = z.array(z.strictObject({ tests: z.string().min(1), reason: z.string().min(1) }));

/** The tests of a file that are not run, each with the reason. */
export async function readExclusions(file: string): Promise<Exclusion[]> {
  return schema.parse(parse(await readFile(file, 'utf8')) ?? []);
}
