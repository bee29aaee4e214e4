import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '../e2e/gantry.ts';
import { Terminal } from '../e2e/terminal.ts';

const launcher = join(import.meta.dirname, '../../gantry');
const limitMs = 60_000;

test.each(['version', '--help', 'completion bash', 'config show -o json'])(
  'a full disk under the output of gantry %s is said in a line, and it fails',
  async (command) => {
    const script = `exec "$0" ${command} > /dev/full`;
    const { code, stderr } = await start('sh', ['-c', script, launcher], { limitMs }).finished;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'gantry: the output cannot be written: no space is left on the device (ENOSPC)\n',
    });
  },
);

test('a full disk under the progress does not disturb the result', async () => {
  const script = 'exec "$0" config show 2> /dev/full';
  expect(await start('sh', ['-c', script, launcher], { limitMs }).finished).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('name: '),
  });
});

test('a working directory that is gone is said in a line', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-gone-'));
  const script = 'cd "$1" && rmdir "$1" && exec "$0" config show';
  try {
    const { code, stderr } = await start('sh', ['-c', script, launcher, directory], { limitMs }).finished;
    // The launcher's shell complains for itself, in the words of whichever shell that is.
    const said = stderr.split('\n').filter((line) => line.startsWith('gantry'));
    expect({ code, said }).toEqual({
      code: 1,
      said: ['gantry: the working directory is not there any more: change to one that is'],
    });
    expect(stderr).not.toMatch(/^ +at /m);
  } finally {
    await rm(directory, { force: true, recursive: true });
  }
});

test.each([80, 60])(
  'a terminal of %i columns breaks no word of the checks of the machine',
  async (columns) => {
    const { stdout } = await start(launcher, ['doctor'], { limitMs }).finished;
    const terminal = await Terminal.start([launcher, 'doctor'], { columns, rows: 200 });
    try {
      await terminal.exitCode(limitMs);
      const lines = await terminal.screen();
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      const shown = lines.join(' ').split(/\s+/);
      // Numbers are those of the moment.
      const words = stdout.split(/\s+/).filter((word) => !/\d/.test(word));
      expect(words.filter((word) => !shown.includes(word))).toEqual([]);
      expect(words.length).toBeGreaterThan(30);
    } finally {
      await terminal.close();
    }
  },
);
