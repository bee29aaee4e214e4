import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SchemaStore } from '../engine/engine.ts';

/** How many of one job are kept: of other images, releases or settings. */
const MOST = 8;

/** Keeps what schema jobs made as files of a directory, the latest of each job. */
export function schemaStore(directory: string): SchemaStore {
  return {
    async read(name) {
      try {
        return await readFile(join(directory, name));
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw thrown;
      }
    },
    async write(name, content) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const unfinished = join(directory, `.${name}.${process.pid}`);
      await writeFile(unfinished, content, { mode: 0o600 });
      await rename(unfinished, join(directory, name));
      await dropOldest(directory, name.replace(/[^-]*$/, ''));
    },
  };
}

async function dropOldest(directory: string, prefix: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.replace(/[^-]*$/, '') === prefix);
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
  );
  const oldest = dated.sort((a, b) => b.at - a.at).slice(MOST);
  await Promise.all(oldest.map(({ name }) => rm(join(directory, name), { force: true })));
}
