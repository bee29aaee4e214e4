import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '../errors.ts';

/** Makes the directory where it is missing, and closes it to everyone but its owner. */
export function openPrivateDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
  } catch (thrown) {
    throw inaccessible(directory, thrown);
  }
}

/** The text of a file, or undefined where it does not exist; closed to everyone but its owner on the way. */
export function readPrivateFile(directory: string, name: string): string | undefined {
  const path = join(directory, name);
  try {
    chmodSync(path, 0o600);
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw inaccessible(path, thrown);
  }
}

/** Replaces a file, mode 0600, so that after a crash either the old or the new content is there, whole. */
export function writePrivateFile(directory: string, name: string, text: string): void {
  const path = join(directory, name);
  const temporary = `${path}.new`;
  try {
    rmSync(temporary, { force: true });
    withFile(temporary, 'wx', (file) => {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    });
    renameSync(temporary, path);
    withFile(directory, 'r', fsyncSync);
  } catch (thrown) {
    throw inaccessible(path, thrown);
  }
}

function withFile(path: string, flags: string, use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}

/** Says the system's reason by its code alone: nothing of the content may get into the text. */
function inaccessible(path: string, thrown: unknown): GantryError {
  const { code } = thrown as NodeJS.ErrnoException;
  return new GantryError({
    code: 'secrets.inaccessible',
    whose: 'environment',
    message: `cannot use ${path}`,
    why: `The system says ${code ?? 'no more than that it failed'}.`,
    next: 'See that the directory belongs to you and its file system is writable and not full.',
  });
}
