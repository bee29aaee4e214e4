/**
 * Files of the unit tests share the processes that run them, with all that is imported there: one that leaves such a
 * process changed for those after it fails.
 */
import { afterAll, expect } from 'vitest';

const found = look();

afterAll(() => {
  const left = look();
  const changed = [...new Set([...found.keys(), ...left.keys()])].filter(
    (what) => found.get(what) !== left.get(what),
  );
  expect(changed, 'changed for the files after this one').toEqual([]);
});

function look(): Map<string, unknown> {
  const { stdout, stderr, env } = process;
  return new Map<string, unknown>([
    ['the working directory', process.cwd()],
    ['the umask', process.umask()],
    ['the exit code', process.exitCode],
    ['writing to stdout', stdout.write],
    ['writing to stderr', stderr.write],
    ...['Date', 'fetch', 'setTimeout'].map((name) => [name, Reflect.get(globalThis, name)] as const),
    ...['cwd', 'exit', 'kill'].map((name) => [`process.${name}`, Reflect.get(process, name)] as const),
    ...Object.entries(env).map(([name, value]) => [`the variable ${name}`, value] as const),
  ]);
}
