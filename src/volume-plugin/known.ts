import { readFile, rename, writeFile } from 'node:fs/promises';
import { isMapping } from '../config/source.ts';

/** What Cinder last said of a volume, for as long as it does not answer. */
export interface KnownVolume {
  id: string;
  createdAt: string;
}

/**
 * Which volumes there are, as last seen, kept over restarts. It says which names are Docker's volumes, and nothing of where
 * they are: that is asked of the kernel and of Cinder.
 */
export class KnownVolumes {
  #byName = new Map<string, KnownVolume>();
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly file: string) {}

  /** Reads what was kept; a file that is not there or cannot be read is as none. */
  async load(): Promise<void> {
    try {
      const kept: unknown = JSON.parse(await readFile(this.file, 'utf8'));
      if (!isMapping(kept)) return;
      for (const [name, value] of Object.entries(kept)) {
        if (isMapping(value) && typeof value.id === 'string' && typeof value.createdAt === 'string') {
          this.#byName.set(name, { id: value.id, createdAt: value.createdAt });
        }
      }
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError) && (thrown as NodeJS.ErrnoException).code !== 'ENOENT')
        throw thrown;
    }
  }

  get(name: string): KnownVolume | undefined {
    return this.#byName.get(name);
  }

  entries(): [string, KnownVolume][] {
    return [...this.#byName];
  }

  async set(name: string, volume: KnownVolume): Promise<void> {
    const before = this.#byName.get(name);
    if (before?.id === volume.id) return;
    this.#byName.set(name, volume);
    await this.#save();
  }

  async forget(name: string): Promise<void> {
    if (this.#byName.delete(name)) await this.#save();
  }

  async replace(volumes: Iterable<readonly [string, KnownVolume]>): Promise<void> {
    const next = new Map(volumes);
    const same =
      next.size === this.#byName.size &&
      [...next].every(([name, { id }]) => this.#byName.get(name)?.id === id);
    this.#byName = next;
    if (!same) await this.#save();
  }

  /** One after another, each as a whole. */
  #save(): Promise<void> {
    this.#writing = this.#writing
      .catch(() => {})
      .then(async () => {
        const unfinished = `${this.file}.new`;
        await writeFile(unfinished, JSON.stringify(Object.fromEntries(this.#byName)), { mode: 0o600 });
        await rename(unfinished, this.file);
      });
    return this.#writing;
  }
}
