import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { projectRoot } from '../root.ts';
import { loadBroughtCommands } from './brought.ts';
import { runCommandLine } from './program.ts';
import { type CommandSpec, commandSpecs } from './specs.ts';

let directory: string;
let file: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gantry-program-'));
  file = join(directory, 'try.yaml');
  writeFileSync(file, 'name: tried\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
  try {
    return { code: await runCommandLine(args), stdout, stderr };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

function pathsOf(
  specs: readonly CommandSpec[],
  above: string[] = [],
): { path: string[]; spec: CommandSpec }[] {
  return specs.flatMap((spec) => {
    const path = [...above, spec.name];
    return [{ path, spec }, ...('commands' in spec ? pathsOf(spec.commands, path) : [])];
  });
}

const commands = pathsOf(commandSpecs(await loadBroughtCommands(projectRoot())));

test('every help fits 80 columns and breaks no word', async () => {
  for (const args of [[], ...commands.map(({ path }) => path)]) {
    const { code, stdout } = await run(...args, '--help');
    const place = `gantry ${args.join(' ')}`;
    expect(code, place).toBe(0);
    expect(
      stdout.split('\n').filter((line) => line.length > 80),
      place,
    ).toEqual([]);
    const text = stdout.replace(/\s+/g, ' ');
    const spec = commands.find(({ path }) => path === args)?.spec;
    const summaries =
      spec && !('commands' in spec) ? [...(spec.options ?? []), ...(spec.arguments ?? [])] : [];
    for (const { summary } of summaries) expect(text, place).toContain(summary);
  }
});

test.each([['-f'], ['--file']])(
  '%s and other global options stand before a command, in it or after it',
  async (flag) => {
    for (const args of [
      [flag, file, 'config', 'show'],
      ['config', flag, file, 'show'],
      ['config', 'show', flag, file],
      ['config', 'show', flag, file, '--progress', 'plain'],
    ]) {
      const { code, stdout } = await run(...args);
      expect({ code, name: /^name: (\w+)/m.exec(stdout)?.[1] }, args.join(' ')).toEqual({
        code: 0,
        name: 'tried',
      });
    }
    const { stdout } = await run(
      '-f',
      file,
      '--name',
      'first',
      'config',
      '--name',
      'second',
      'show',
      '--name',
      'third',
    );
    expect(stdout).toMatch(/^name: third$/m);
  },
);

test('commands that services bring are shown with the others', async () => {
  expect((await run('rotate', '--help')).stdout).toMatch(/^ {2}fernet +the keys that tokens are made with$/m);
});

test('a global option whose letter the command has is shown without it', async () => {
  const { stdout } = await run('logs', '--help');
  expect(stdout).toMatch(/-f, --follow/);
  expect(stdout).toMatch(/^ {2}--file <path>/m);
});

test.each(['-V', '--version'])('%s prints the version', async (flag) => {
  expect(await run(flag)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^gantry \d+\.\d+\.\d+\n$/),
  });
});

test('an option of its own wins over --version', async () => {
  expect((await run('images', 'build', '--version')).stderr).toContain('--version <version>');
});

describe('what is wrong on the command line', () => {
  test.each(
    commands
      .filter(({ spec }) => !('passThrough' in spec && spec.passThrough))
      .map(({ path, spec }): [string, string] => {
        const words = path.join(' ');
        return [words, 'byDefault' in spec ? `${words} ${spec.byDefault}` : words];
      }),
  )('of gantry %s leads to the help of what it runs', async (words, path) => {
    const { code, stderr } = await run(...words.split(' '), '--no-such-option');
    expect(code).toBe(64);
    expect(stderr).toMatch(/^gantry: /);
    expect(stderr).toContain(`run "gantry ${path} --help"`);
  });

  test('of a value leads there too', async () => {
    expect(await run('-f', file, 'logs', '--tail', 'few')).toEqual({
      code: 64,
      stdout: '',
      stderr: 'gantry: --tail few is not a number of lines\n  -> run "gantry logs --help"\n',
    });
  });

  test('of a command names the nearest', async () => {
    expect((await run('images', 'biuld')).stderr).toContain('Did you mean build?');
  });
});

test('a working directory that is gone is said in a line', async () => {
  const gone = vi.spyOn(process, 'cwd').mockImplementation(() => {
    throw Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), {
      code: 'ENOENT',
      syscall: 'uv_cwd',
    });
  });
  try {
    expect(await run('config', 'show')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'gantry: the working directory is not there any more: change to one that is\n',
    });
  } finally {
    gone.mockRestore();
  }
});

test('a file that cannot be written is no defect', async () => {
  const svg = join(directory, 'missing', 'graph.svg');
  expect(await run('images', 'graph', '--svg', svg)).toEqual({
    code: 1,
    stdout: '',
    stderr: `gantry: cannot use ${svg}: it is not there (ENOENT)\n`,
  });
});
