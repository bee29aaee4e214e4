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

/** Files that only their owner reads, each known by its name. */
export interface PrivateFiles {
  readonly directory: string;
  /** The text of a file, or undefined where it does not exist. */
  read(name: string): string | undefined;
  write(name: string, text: string): void;
}

/** Files on disk. The directory is made where it is missing; it and what is read are closed to all but their owner. */
export function filesIn(directory: string): PrivateFiles {
  return {
    directory,
    read(name) {
      openPrivateDirectory(directory);
      return readPrivateFile(directory, name);
    },
    write(name, text) {
      openPrivateDirectory(directory);
      writePrivateFile(directory, name, text);
    },
  };
}

/** Files on disk, of which none is touched before `keep`: what is written until then is in memory only. */
export class DraftFiles implements PrivateFiles {
  #unkept: Map<string, string> | undefined = new Map();

  constructor(readonly directory: string) {}

  /** Names of the files of which memory holds more than the disk. */
  get unkept(): string[] {
    return [...(this.#unkept?.keys() ?? [])];
  }

  read(name: string): string | undefined {
    return this.#unkept?.get(name) ?? readFile(this.directory, name);
  }

  write(name: string, text: string): void {
    if (this.#unkept) this.#unkept.set(name, text);
    else filesIn(this.directory).write(name, text);
  }

  /** Writes all that is in memory; from now on what is written is on disk at once. */
  keep(): void {
    openPrivateDirectory(this.directory);
    for (const [name, text] of this.#unkept ?? []) writePrivateFile(this.directory, name, text);
    this.#unkept = undefined;
  }
}

/** Makes the directory where it is missing, and closes it to everyone but its owner. */
export function openPrivateDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
  } catch (thrown) {
    throw inaccessible(directory, thrown);
  }
}

function readPrivateFile(directory: string, name: string): string | undefined {
  return readFile(directory, name, (path) => chmodSync(path, 0o600));
}

function readFile(
  directory: string,
  name: string,
  prepare: (path: string) => void = () => {},
): string | undefined {
  const path = join(directory, name);
  try {
    prepare(path);
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
