import { createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { extract, pack } from 'tar-stream';

export interface File {
  /** Absolute. */
  path: string;
  content: string | Buffer;
  /** 0600 by default. */
  mode?: number;
}

/** Writes root's files into a container that need not run; directories that are missing are made. */
export async function putFiles(container: Docker.Container, files: readonly File[]): Promise<void> {
  const archive = pack();
  for (const { path, content, mode = 0o600 } of files) archive.entry({ name: path.slice(1), mode }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  await container.putArchive(Buffer.concat(chunks), { path: '/' });
}

/** Writes the files of one folder of a container, folders in it left out, into a folder of this machine. */
export async function takeFiles(container: Docker.Container, path: string, into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  const entries = extract();
  const received = pipeline((await container.getArchive({ path })) as Readable, entries);
  received.catch(() => undefined);
  for await (const entry of entries) {
    if (entry.header.type !== 'file') {
      entry.resume();
      continue;
    }
    const target = join(into, basename(entry.header.name));
    await pipeline(entry, createWriteStream(target));
    await chmod(target, entry.header.mode ?? 0o755);
  }
  await received;
}
