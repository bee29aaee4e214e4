import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** What is read or written by a program of its own. */
export interface Piped<Stream> {
  stream: Stream;
  /** Resolves when it has ended well. */
  ended: Promise<void>;
}

/**
 * A file of the user to read. Node opens and reads what is no file, such as a named pipe, in a thread that nothing
 * ends: it could not exit before somebody writes there. So another program reads those.
 */
export function openInput(source: string, isFile: boolean): Piped<Readable> {
  if (isFile) return { stream: createReadStream(source), ended: Promise.resolve() };
  const child = spawn('cat', ['--', ownDescriptor(source)], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.once('close', () => child.kill());
  return { stream: child.stdout, ended: endOf(child, text(child.stderr)) };
}

/** What is no file, to write to; see openInput. */
export function openOutput(target: string): Piped<Writable> {
  const child = spawn('sh', ['-c', 'exec cat > "$1"', 'sh', ownDescriptor(target)], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  child.stdin.once('close', () => {
    if (!child.stdin.writableFinished) child.kill();
  });
  return { stream: child.stdin, ended: endOf(child, text(child.stderr)) };
}

/** Descriptors of this process, such as those of `<(command)`, have another name in another one. */
function ownDescriptor(path: string): string {
  const number =
    /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1] ?? { '/dev/stdout': '1', '/dev/stderr': '2' }[path];
  return number === undefined ? path : `/proc/${process.pid}/fd/${number}`;
}

async function endOf(child: ReturnType<typeof spawn>, complaint: Promise<string>): Promise<void> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error((await complaint).trim() || `ended by ${signal}`);
}
