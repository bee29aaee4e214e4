import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { extract, pack } from 'tar-stream';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { unlessMissing } from './failure.ts';

/** Current hashes of files that were exchanged after the container was made; its labels cannot change. */
export const HASHES_FILE = posix.join(CONFIG_DIR, '.hashes');

/** What a file in the container needs; a part of RenderedFile. */
export type FileToPut = Pick<RenderedFile, 'path' | 'content' | 'uid' | 'gid' | 'mode'>;

/** Writes files below CONFIG_DIR, with owner and mode; their directories belong to root and are readable. */
export async function putFiles(container: Docker.Container, files: readonly FileToPut[]): Promise<void> {
  if (files.length === 0) return;
  const archive = pack();
  const directories = new Set<string>();
  for (const file of files) {
    const name = posix.relative(CONFIG_DIR, file.path);
    for (const directory of parentsOf(name)) {
      if (directories.has(directory)) continue;
      directories.add(directory);
      archive.entry({ name: directory, type: 'directory', mode: 0o755, uid: 0, gid: 0 });
    }
    archive.entry({ name, mode: file.mode, uid: file.uid, gid: file.gid }, file.content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  await container.putArchive(Buffer.concat(chunks), { path: CONFIG_DIR });
}

/** Contents of all files below CONFIG_DIR by absolute path; of none where the container is gone. */
export function readFiles(container: Docker.Container): Promise<Record<string, string>> {
  return readArchive(container, CONFIG_DIR, posix.dirname(CONFIG_DIR));
}

/** Content of one file, or undefined where it does not exist. */
export async function readFile(container: Docker.Container, path: string): Promise<string | undefined> {
  return (await readArchive(container, path, posix.dirname(path)))[path];
}

/** Names in the engine's archive start with the last part of the path that was asked for. */
async function readArchive(
  container: Docker.Container,
  path: string,
  parent: string,
): Promise<Record<string, string>> {
  const archive = await unlessMissing(container.getArchive({ path }));
  const files: Record<string, string> = {};
  if (!archive) return files;
  const entries = extract();
  (archive as Readable).on('error', (error) => entries.destroy(error)).pipe(entries);
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === 'file') {
      files[posix.join(parent, entry.header.name)] = Buffer.concat(chunks).toString('utf8');
    }
  }
  return files;
}

function parentsOf(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
