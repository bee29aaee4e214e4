import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Readable, Transform, type Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { KeptOutput } from '../engine/output.ts';
import { GantryError, messageOf } from '../errors.ts';
import type { Given, Taken } from './places.ts';
import type { Exec } from './session.ts';
import { openInput, openOutput, type Piped } from './streams.ts';

/** Bytes of a file that have gone so far, of how many where that is known. */
export type Report = (done: number, total: number | undefined) => void;

interface TransferOptions {
  signal: AbortSignal;
  report: Report;
}

/** Hands a file to the client, or standard input, as it comes. */
export async function give(
  exec: Exec,
  directory: string,
  { path, source, size, place }: Given,
  { signal, report }: TransferOptions,
): Promise<void> {
  const input: Piped<Readable> =
    source === undefined
      ? { stream: process.stdin, ended: Promise.resolve() }
      : openInput(source, size !== undefined);
  const { counted, total } = count(size, report);
  const failed = new AbortController();
  const reading = Promise.all([pipeline(input.stream, counted), input.ended]).catch((thrown) =>
    failed.abort(thrown),
  );
  const answer = new KeptOutput(4096);
  // Nothing is made again in a directory that has gone with its session meanwhile.
  const store = 'umask 077; cd "$1" && mkdir -p "$(dirname "$2")" && cat > "$2" && stat -c %s "$2"';
  try {
    const code = await exec(['sh', '-c', store, 'sh', directory, place], {
      stdin: counted,
      stdout: answer,
      stderr: answer,
      signal: AbortSignal.any([signal, failed.signal]),
    });
    if (code !== 0 || Number(answer.text) !== total()) {
      throw transferError(`${path} could not be handed to the client`, answer.text.trim());
    }
    await reading;
    failed.signal.throwIfAborted();
  } catch (thrown) {
    signal.throwIfAborted();
    if (failed.signal.aborted) {
      throw transferError(`${path} could not be read`, messageOf(failed.signal.reason));
    }
    throw thrown;
  } finally {
    input.stream.destroy();
  }
}

/** Lets the client see files that it would refuse to write, as they are on its user's machine. */
export async function mark(exec: Exec, directory: string, taken: readonly Taken[]): Promise<void> {
  const make = 'umask 077; cd "$1" && shift && for place; do mkdir -p "$(dirname "$place")" || exit 1; done';
  await run(exec, ['sh', '-c', make, 'sh', directory, ...taken.map(({ place }) => place)]);
  const there = taken.filter(({ exists }) => exists).map(({ place }) => join(directory, place));
  if (there.length > 0) await run(exec, ['touch', ...there]);
}

/** Sizes of the files that the client has written, in bytes; undefined for those that it has not. */
export async function findWritten(
  exec: Exec,
  directory: string,
  taken: readonly Taken[],
): Promise<(number | undefined)[]> {
  const look = 'for place; do stat -c %s "$place" 2>/dev/null || echo; done';
  const said = await run(exec, ['sh', '-c', look, 'sh', ...taken.map(({ place }) => join(directory, place))]);
  const lines = said.split('\n');
  return taken.map((_, index) => (lines[index] ? Number(lines[index]) : undefined));
}

/**
 * Takes a file that the client has written. One that is there keeps its permissions and is whole at every moment: the
 * new content comes beside it, and then in its place. What is no file, such as a pipe, is written to.
 */
export async function take(
  exec: Exec,
  directory: string,
  { path, target, place, mode, append }: Taken,
  size: number,
  { signal, report }: TransferOptions,
): Promise<void> {
  const before = await stat(target).catch(() => undefined);
  const direct = append || (before !== undefined && !before.isFile());
  const real = before?.isFile() ? await realpath(target) : target;
  const beside = join(dirname(real), `.${basename(real)}.${randomBytes(4).toString('hex')}`);
  const output: Piped<Writable> =
    before && !before.isFile()
      ? openOutput(target)
      : {
          stream: createWriteStream(direct ? target : beside, {
            flags: append ? 'a' : 'wx',
            mode: mode ?? 0o666,
          }),
          ended: Promise.resolve(),
        };
  const { counted, total } = count(size, report);
  const failed = new AbortController();
  const writing = Promise.all([pipeline(counted, output.stream), output.ended]).catch((thrown) =>
    failed.abort(thrown),
  );
  try {
    const problems = new KeptOutput(4096);
    const code = await exec(['cat', join(directory, place)], {
      stdout: counted,
      stderr: problems,
      signal: AbortSignal.any([signal, failed.signal]),
    });
    counted.end();
    await writing;
    failed.signal.throwIfAborted();
    if (code !== 0 || total() !== size)
      throw transferError(`${path} did not come whole`, problems.text.trim());
    if (direct) return;
    if (before && mode === undefined) await chmod(beside, before.mode & 0o7777);
    await rename(beside, real);
  } catch (thrown) {
    counted.destroy();
    await finished(output.stream).catch(() => undefined);
    if (!direct) await rm(beside, { force: true });
    signal.throwIfAborted();
    if (thrown instanceof GantryError && !failed.signal.aborted) throw thrown;
    throw transferError(`${path} could not be written`, messageOf(failed.signal.reason ?? thrown));
  }
}

function count(size: number | undefined, report: Report): { counted: Transform; total: () => number } {
  let done = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      report(done, size);
      next(null, chunk);
    },
  });
  return { counted, total: () => done };
}

async function run(exec: Exec, command: string[]): Promise<string> {
  const output = new KeptOutput(65_536);
  const code = await exec(command, { stdout: output, stderr: output });
  if (code !== 0) throw transferError("the client's container could not be prepared", output.text.trim());
  return output.text;
}

function transferError(message: string, why: string): GantryError {
  return new GantryError({ code: 'client.transfer', whose: 'environment', message, ...(why ? { why } : {}) });
}
