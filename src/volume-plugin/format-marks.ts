import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Says of a volume that this server found it empty and makes a file system there. Where it was cut off, what is there is
 * that, and is made anew. It holds for one attachment: once the volume has left the server, others may have written there.
 */
export class FormatMarks {
  constructor(private readonly directory: string) {}

  async has(volume: string, attachment: string): Promise<boolean> {
    try {
      return (await readFile(join(this.directory, volume), 'utf8')) === attachment;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw thrown;
    }
  }

  /** On the disk before it returns. */
  async set(volume: string, attachment: string): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await writeFile(join(this.directory, volume), attachment, { flush: true });
  }

  async remove(volume: string): Promise<void> {
    await rm(join(this.directory, volume), { force: true });
  }
}
