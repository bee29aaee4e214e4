import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Suite } from '../suites.ts';

/** The test files of a suite and all of `test/` that they import, directly or not: paths relative to the root. */
export function readSupport(root: string, { runs }: Suite): string[] {
  const found = new Set<string>();
  const waiting = 'files' in runs ? [...runs.files] : [];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const path = join(root, file);
    if (found.has(file) || !file.startsWith('test/') || !existsSync(path)) continue;
    found.add(file);
    const imports = readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
    for (const [, target = ''] of imports) waiting.push(normalize(join(dirname(file), target)));
  }
  return [...found].sort();
}
