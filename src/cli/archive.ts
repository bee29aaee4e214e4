import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { usageError } from '../errors.ts';
import { CONFIG_DIR, type RenderedFile } from '../model/workload.ts';

/** Throws where standard output is a terminal. */
export function refuseTerminal(next: string): void {
  if (process.stdout.isTTY) throw usageError('an archive is nothing for a terminal', { next });
}

/** An archive of files with owner and mode, to be unpacked where containers have theirs. */
export async function archiveFiles(files: readonly RenderedFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { path, content, mode, uid, gid } of files) {
    archive.entry({ name: posix.relative(CONFIG_DIR, path), mode, uid, gid }, content);
  }
  archive.finalize();
  return buffer(archive);
}
