import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectRoot } from '../../src/root.ts';

const run = promisify(execFile);

let root: string;

/** A checkout with nothing but the launcher, and an npm that takes its time. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gantry-launcher-'));
  for (const folder of ['src', 'catalogue', 'engines', 'scripts', 'bin']) await mkdir(join(root, folder));
  await copyFile(join(projectRoot(), 'gantry'), join(root, 'gantry'));
  await writeFile(join(root, 'package.json'), '{"type": "module"}');
  await writeFile(join(root, 'package-lock.json'), '{}');
  const build = `import { appendFileSync, writeFileSync } from 'node:fs';
appendFileSync('done', 'build\\n');
writeFileSync('dist/gantry.js', 'console.log(process.argv.slice(2).join())');`;
  await writeFile(join(root, 'scripts', 'build.mjs'), build);
  const npm = `#!/bin/sh
echo "npm $1" >> done
rm -rf node_modules
sleep 0.5
mkdir node_modules
touch node_modules/.package-lock.json
`;
  await writeFile(join(root, 'bin', 'npm'), npm);
  await chmod(join(root, 'bin', 'npm'), 0o755);
});

afterEach(() => rm(root, { recursive: true }));

function gantry(...args: string[]): Promise<{ stdout: string }> {
  return run(join(root, 'gantry'), args, {
    cwd: tmpdir(),
    env: { PATH: `${join(root, 'bin')}:${process.env.PATH}` },
  });
}

test('two first commands at once install and build once, and both run', async () => {
  const results = await Promise.all([gantry('status', '-o', 'json'), gantry('plan')]);
  expect(results.map(({ stdout }) => stdout)).toEqual(['status,-o,json\n', 'plan\n']);
  expect(await readFile(join(root, 'done'), 'utf8')).toBe('npm ci\nbuild\n');
});

test('what is up to date is left alone, what is older than its source is built', async () => {
  await gantry('status');
  await gantry('status');
  const inAMoment = new Date(Date.now() + 2000);
  await writeFile(join(root, 'src', 'a.ts'), '');
  await utimes(join(root, 'src', 'a.ts'), inAMoment, inAMoment);
  await gantry('status');
  expect(await readFile(join(root, 'done'), 'utf8')).toBe('npm ci\nbuild\nbuild\n');
});
