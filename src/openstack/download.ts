import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Dispatcher, request } from 'undici';
import { GantryError, messageOf } from '../errors.ts';

export interface DownloadOptions {
  url: string;
  /** `sha256:` or `sha512:` and the hexadecimal digest; also the file's name in the cache. */
  checksum: string;
  cacheDir: string;
  /** Follows redirects and knows the proxies, where there are any. */
  dispatcher: Dispatcher;
  onProgress(doneBytes: number, totalBytes: number | undefined): void;
  signal: AbortSignal;
}

/**
 * The path of a file with this checksum in the cache, downloaded where it is not there. An interrupted download goes
 * on where it stopped (RFC 9110, 14). Throws `download.failed` or `download.checksum`.
 */
export async function downloadFile(options: DownloadOptions): Promise<string> {
  const target = join(options.cacheDir, options.checksum.replace(':', '-'));
  if ((await sizeOf(target)) > 0) return target;
  await mkdir(options.cacheDir, { recursive: true });
  const part = `${target}.part`;

  const resumed = (await sizeOf(part)) > 0;
  await fetchRest(options, part);
  let found = await digestFile(part, options.checksum);
  if (found !== options.checksum && resumed) {
    // The first part may be of another version of the file.
    await rm(part);
    await fetchRest(options, part);
    found = await digestFile(part, options.checksum);
  }
  if (found !== options.checksum) {
    await rm(part);
    throw new GantryError({
      code: 'download.checksum',
      whose: 'user',
      message: `${options.url} is not what its checksum says`,
      why: `expected ${options.checksum}, found ${found}`,
    });
  }
  await rename(part, target);
  return target;
}

async function fetchRest(options: DownloadOptions, part: string): Promise<void> {
  const have = await sizeOf(part);
  try {
    const answer = await request(options.url, {
      dispatcher: options.dispatcher,
      signal: options.signal,
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
    });
    const continues = answer.statusCode === 206 && startOf(answer.headers['content-range']) === have;
    if (answer.statusCode === 416) {
      // Nothing is left to send; the checksum says whether what is there is right.
      await answer.body.dump();
      return;
    }
    if (answer.statusCode !== 200 && !continues) {
      await answer.body.dump();
      throw new Error(`the server answered ${answer.statusCode}`);
    }
    let done = continues ? have : 0;
    const length = Number(answer.headers['content-length']);
    const total = Number.isFinite(length) ? done + length : undefined;
    await pipeline(
      answer.body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          done += chunk.length;
          options.onProgress(done, total);
          yield chunk;
        }
      },
      createWriteStream(part, { flags: continues ? 'a' : 'w' }),
    );
  } catch (error) {
    options.signal.throwIfAborted();
    throw new GantryError({
      code: 'download.failed',
      whose: 'environment',
      message: `${options.url} could not be downloaded`,
      why: messageOf(error),
      next: 'Try again; it goes on where it stopped.',
      cause: error,
    });
  }
}

/** First byte of a Content-Range header such as `bytes 100-999/1000`. */
function startOf(header: string | string[] | undefined): number | undefined {
  const match = /^bytes (\d+)-/.exec(String(header ?? ''));
  return match ? Number(match[1]) : undefined;
}

/** The digest of a file, in the form of `like`. */
async function digestFile(path: string, like: string): Promise<string> {
  const [algorithm = 'sha256'] = like.split(':');
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return `${algorithm}:${hash.digest('hex')}`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
