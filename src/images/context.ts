import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import tar from 'tar-stream';
import { GantryError } from '../errors.ts';

/** A file that a Dockerfile may copy. */
export type ContextFile =
  | { path: string; mode: number; content: Buffer }
  /** A symbolic link. */
  | { path: string; target: string };

/** What lies beside the files of the context without being part of it. */
const notCopied = new Set(['Dockerfile', 'image.yaml']);

/**
 * Reads the files beside a Dockerfile, sorted by path. Modes are reduced to what git keeps, 0644 or 0755, so that a
 * checkout's umask changes nothing.
 */
export async function readContext(directory: string): Promise<ContextFile[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const files: ContextFile[] = [];
  for (const entry of entries) {
    const full = join(entry.parentPath, entry.name);
    const path = full.slice(directory.length + 1);
    if (notCopied.has(path)) continue;
    if (entry.isSymbolicLink()) files.push({ path, target: await readlink(full) });
    if (!entry.isFile()) continue;
    const executable = ((await stat(full)).mode & 0o111) !== 0;
    files.push({ path, mode: executable ? 0o755 : 0o644, content: await readFile(full) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * A program of Gantry's own that an image has in it, as `scripts/build.mjs` made it. Throws `image.no-bundle`.
 */
export async function readBundle(root: string, name: string): Promise<ContextFile> {
  const path = `${name}.mjs`;
  try {
    return { path, mode: 0o755, content: await readFile(join(root, 'dist', path)) };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    throw new GantryError({
      code: 'image.no-bundle',
      whose: 'environment',
      message: `dist/${path} is not there, which an image has in it`,
      next: 'npm run build',
    });
  }
}

/** A tar archive for the engine's build call; the same files give the same bytes. */
export function packContext(dockerfile: string, files: ContextFile[]): Readable {
  const pack = tar.pack();
  const mtime = new Date(0);
  pack.entry({ name: 'Dockerfile', mtime }, dockerfile);
  for (const file of files) {
    if ('target' in file) pack.entry({ name: file.path, mtime, type: 'symlink', linkname: file.target });
    else pack.entry({ name: file.path, mtime, mode: file.mode }, file.content);
  }
  pack.finalize();
  return pack as unknown as Readable;
}
