import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { GantryError, usageError } from '../../src/errors.ts';
import { type Ended, runCommand } from './command.ts';

export const MINUTE_MS = 60_000;
const GIT_LIMIT_MS = 5 * MINUTE_MS;
/** What installs npm's packages and builds the command takes longest. */
const READY_LIMIT_MS = 15 * MINUTE_MS;

/** A checkout that is measured. */
export interface Tree {
  /** What it is called in the table. */
  label: string;
  root: string;
  /** Name of its clouds, and the version that its images are tagged with. */
  cloud: string;
  /** A folder for its cloud.yaml and its state. */
  folder: string;
}

export interface GantryOptions {
  limitMs: number;
  signal?: AbortSignal | undefined;
  environment?: NodeJS.ProcessEnv;
}

/** Runs `./gantry` of a tree, with the cloud.yaml of its folder. Throws what runCommand throws. */
export function gantry(tree: Tree, args: readonly string[], options: GantryOptions): Promise<Ended> {
  return runCommand([join(tree.root, 'gantry'), ...args], {
    cwd: tree.folder,
    limitMs: options.limitMs,
    signal: options.signal,
    environment: { GANTRY_STATE: join(tree.folder, 'state'), ...options.environment },
  });
}

/** Replaces cloud.yaml of a tree; `settings` are those beside name and version of the images. */
export async function configure(tree: Tree, settings: Record<string, object | string> = {}): Promise<void> {
  const images = { version: tree.cloud, ...(settings.images as object | undefined) };
  const config = { name: tree.cloud, ...settings, images };
  await mkdir(tree.folder, { recursive: true });
  await writeFile(join(tree.folder, 'cloud.yaml'), stringify(config));
}

/** Makes its command run without a delay: dependencies and build. */
export async function makeReady(tree: Tree, signal: AbortSignal): Promise<void> {
  await configure(tree);
  await gantry(tree, ['version'], { limitMs: READY_LIMIT_MS, signal });
}

/** The full hash of a revision. Throws `usage` where there is none of that name. */
export async function findCommit(root: string, revision: string): Promise<string> {
  try {
    return await git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`);
  } catch (thrown) {
    if (!(thrown instanceof GantryError)) throw thrown;
    throw usageError(`There is no revision "${revision}" in this repository`);
  }
}

/** The newest release by its number: the highest tag of the form v1.2.3. Throws `usage` where there is none. */
export async function newestRelease(root: string): Promise<string> {
  const [tag = ''] = (await git(root, 'tag', '--list', 'v*', '--sort=-version:refname')).split('\n');
  if (tag !== '') return tag;
  throw usageError('There is no release to compare with: no tag begins with v', {
    next: 'Name a revision with --base.',
  });
}

/** Short hash of what is checked out, and whether it was changed since. */
export async function describeCheckout(root: string): Promise<string> {
  const hash = await git(root, 'rev-parse', '--short', 'HEAD');
  const changes = await git(root, 'status', '--porcelain', '--untracked-files=no');
  return changes === '' ? hash : `${hash} with changes`;
}

/**
 * Checks a commit out into a new folder. It gets the packages of `root` where it wants the same, and else installs its own
 * when its command first runs.
 */
export async function addWorktree(root: string, commit: string, target: string): Promise<void> {
  await git(root, 'worktree', 'add', '--detach', '--quiet', target, commit);
  const lock = 'package-lock.json';
  const [ours, theirs] = await Promise.all(
    [root, target].map((folder) => readFile(join(folder, lock), 'utf8').catch(() => undefined)),
  );
  const isInstalled = existsSync(join(root, 'node_modules/.package-lock.json'));
  if (ours === undefined || ours !== theirs || !isInstalled) return;
  await symlink(join(root, 'node_modules'), join(target, 'node_modules'));
  // The launcher installs anew, into the folder that is shared, where the list is newer than what is installed.
  await utimes(join(target, lock), 0, 0);
}

/** Also of one that is not whole. */
export async function removeWorktree(root: string, target: string): Promise<void> {
  const packages = join(target, 'node_modules');
  const found = await lstat(packages).catch(() => undefined);
  if (found?.isSymbolicLink()) await rm(packages);
  const known = (await git(root, 'worktree', 'list', '--porcelain')).split('\n');
  if (known.includes(`worktree ${target}`)) await git(root, 'worktree', 'remove', '--force', target);
  await rm(target, { recursive: true, force: true });
}

async function git(root: string, ...args: string[]): Promise<string> {
  const { output } = await runCommand(['git', ...args], { cwd: root, limitMs: GIT_LIMIT_MS });
  return output.trim();
}
