import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitIn, readChanges } from './changes.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-changes-'));
  git('init', '--quiet', '--initial-branch', 'main');
  await commit('first');
});

afterEach(() => rm(directory, { recursive: true }));

function git(...args: string[]): string {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...args], { cwd: directory, encoding: 'utf8' }).trim();
}

async function commit(name: string): Promise<void> {
  await writeFile(join(directory, name), name);
  git('add', '--all');
  git('commit', '--quiet', '--message', name);
}

const changes = (wanted?: string) => readChanges(gitIn(directory), wanted);

test('all that is new since main was left counts, committed or not, known to git or not', async () => {
  git('checkout', '--quiet', '-b', 'branch');
  await commit('committed');
  git('checkout', '--quiet', 'main');
  await commit('of main alone');
  git('checkout', '--quiet', 'branch');
  await writeFile(join(directory, 'first'), 'changed');
  await mkdir(join(directory, 'new folder'));
  await writeFile(join(directory, 'new folder', 'unknown'), '');
  const since = `${git('merge-base', 'main', 'branch').slice(0, 10)} (main)`;
  expect(await changes()).toEqual({ since, paths: ['committed', 'first', 'new folder/unknown'] });
});

test('a file that was moved counts at both of its places', async () => {
  git('checkout', '--quiet', '-b', 'branch');
  await commit('third');
  git('mv', 'first', 'second');
  expect((await changes())?.paths).toEqual(['first', 'second', 'third']);
});

test('on main itself all that is new since the commit in test/landed counts', async () => {
  const landed = git('rev-parse', 'HEAD');
  await mkdir(join(directory, 'test'));
  await writeFile(join(directory, 'test/landed'), `${landed}\n`);
  await commit('second');
  expect(await changes()).toEqual({
    since: `${landed.slice(0, 10)} (test/landed)`,
    paths: ['second', 'test/landed'],
  });
  await writeFile(join(directory, 'test/landed'), 'f'.repeat(40));
  await commit('third');
  expect(await changes()).toBeUndefined();
});

test('on main itself there is nothing to compare with, nor without git', async () => {
  await writeFile(join(directory, 'first'), 'changed');
  expect(await changes()).toBeUndefined();
  await rm(join(directory, '.git'), { recursive: true });
  expect(await changes()).toBeUndefined();
});

test('another commit can be asked for, and one that there is not is refused', async () => {
  await commit('second');
  expect((await changes('HEAD~1'))?.paths).toEqual(['second']);
  await expect(changes('HEAD~7')).rejects.toMatchObject({ exitCode: 64 });
});
