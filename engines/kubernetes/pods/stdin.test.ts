import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { forwardStdin, stdinWrapper } from './stdin.ts';

/** Runs a command as a container would: wrapped, in a process group of its own, with an input that is never closed. */
async function run(
  command: string[],
  input: Readable,
): Promise<{ output: string; errors: string; code: number | null }> {
  const [program = '', ...words] = [...stdinWrapper(input, false), ...command];
  const child = spawn(program, words, { detached: true, stdio: 'pipe' });
  // What is sent to a command that has ended is lost.
  child.stdin.on('error', () => undefined);
  const stop = forwardStdin(
    input,
    { send: (_channel, data, sent) => void child.stdin.write(data, () => sent?.()) },
    false,
  );
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]);
  stop();
  child.stdin.destroy();
  return { output, errors, code };
}

test('a command sees the end of its input, and every byte before it', async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
  const { output, code } = await run(['sha256sum'], Readable.from([bytes, Buffer.from('0\n'), 'more']));
  const all = Buffer.concat([bytes, Buffer.from('0\nmore')]);
  expect([output.split(' ')[0], code]).toEqual([createHash('sha256').update(all).digest('hex'), 0]);
});

test('a command that ends before its input does is not waited for, and its exit code is kept', async () => {
  expect(
    await run(['sh', '-c', 'head -n 1; echo oh >&2; exit 7'], new PassThrough().end('one\ntwo\n')),
  ).toEqual({
    output: 'one\n',
    errors: 'oh\n',
    code: 7,
  });
});

test('a command that ends at once does not wait for an input that never comes, however the two meet', async () => {
  for (let round = 0; round < 10; round++) {
    const runs = Array.from({ length: 10 }, () => run(['true'], new PassThrough()));
    expect(new Set((await Promise.all(runs)).map(({ code }) => code))).toEqual(new Set([0]));
  }
});

test('a terminal and a command without input need nothing', () => {
  expect(stdinWrapper(undefined, false)).toEqual([]);
  expect(stdinWrapper('x', true)).toEqual([]);
});
