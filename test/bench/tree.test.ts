import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addWorktree, describeCheckout, findCommit, newestRelease, removeWorktree } from './tree.ts';

let folder: string;
let root: string;
let target: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-tree-')));
  [root, target] = [join(folder, 'root'), join(folder, 'tree')];
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}');
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, '.gitignore'), 'node_modules/\n');
  git('init', '--quiet');
  git('add', '.');
  commit('first');
});

afterEach(() => rmSync(folder, { recursive: true }));

function git(...args: string[]): string {
  return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
}

function commit(message: string): void {
  git('-c', 'user.name=n', '-c', 'user.email=e', 'commit', '--quiet', '--all', '-m', message);
}

test('packages are shared with a tree that wants the same, and stay when it goes', async () => {
  await addWorktree(root, await findCommit(root, 'HEAD'), target);
  expect(lstatSync(join(target, 'node_modules')).isSymbolicLink()).toBe(true);
  const installed = lstatSync(join(root, 'node_modules/.package-lock.json')).mtimeMs;
  expect(lstatSync(join(target, 'package-lock.json')).mtimeMs).toBeLessThan(installed);
  await removeWorktree(root, target);
  expect(existsSync(target)).toBe(false);
  expect(git('worktree', 'list').split('\n')).toHaveLength(1);
  expect(readdirSync(join(root, 'node_modules'))).toEqual(['.package-lock.json']);
});

test('a tree that wants other packages has none yet', async () => {
  writeFileSync(join(root, 'package-lock.json'), '{"other": 1}');
  await addWorktree(root, await findCommit(root, 'HEAD'), target);
  expect(existsSync(join(target, 'node_modules'))).toBe(false);
  await removeWorktree(root, target);
});

test('a tree that was never made can be removed', async () => {
  await removeWorktree(root, target);
  expect(existsSync(target)).toBe(false);
});

test('a revision that there is not is refused', async () => {
  await expect(findCommit(root, 'HEAD~9')).rejects.toMatchObject({ exitCode: 64 });
});

test('the newest release is the one with the highest number', async () => {
  await expect(newestRelease(root)).rejects.toMatchObject({ exitCode: 64 });
  for (const tag of ['v0.10.0', 'v0.9.0', 'other']) git('tag', tag);
  expect(await newestRelease(root)).toBe('v0.10.0');
});

test('a checkout is called by its commit, and by whether it was changed', async () => {
  const hash = git('rev-parse', '--short', 'HEAD');
  expect(await describeCheckout(root)).toBe(hash);
  writeFileSync(join(root, 'package-lock.json'), '{"other": 1}');
  expect(await describeCheckout(root)).toBe(`${hash} with changes`);
});
