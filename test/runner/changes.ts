import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { usageError } from '../../src/errors.ts';
import type { Changes } from './choice.ts';

/** Resolves to what git prints, undefined where it fails. */
export type Git = (...args: string[]) => Promise<string | undefined>;

const mainBranches = ['origin/main', 'main'];
/** Has the commit of the main branch on which all suites passed last. */
const LANDED = 'test/landed';

export function gitIn(directory: string): Git {
  return async (...args) => {
    try {
      const options = { cwd: directory, maxBuffer: 2 ** 26 };
      return (await promisify(execFile)('git', args, options)).stdout;
    } catch {
      return undefined;
    }
  };
}

/**
 * What differs from a commit, with what is not committed and files that git does not know yet.
 * @param wanted the commit; without it, where HEAD left the main branch, and on that branch what landed there last
 * Undefined where neither is known, and without git. Throws `usage` for a commit that there is not.
 */
export async function readChanges(git: Git, wanted: string | undefined): Promise<Changes | undefined> {
  const base = wanted === undefined ? await findBase(git) : await resolveWanted(git, wanted);
  if (base === undefined) return undefined;
  const [changed, unknown] = await Promise.all([
    git('diff', '--name-only', '--no-renames', '-z', base.commit, '--'),
    git('ls-files', '--others', '--exclude-standard', '-z'),
  ]);
  if (changed === undefined || unknown === undefined) return undefined;
  const paths = `${changed}${unknown}`.split('\0').filter(Boolean);
  return { since: `${base.commit.slice(0, 10)} (${base.name})`, paths: [...new Set(paths)].sort() };
}

interface Base {
  commit: string;
  name: string;
}

async function findBase(git: Git): Promise<Base | undefined> {
  const head = (await git('rev-parse', 'HEAD'))?.trim();
  for (const name of mainBranches) {
    const commit = (await git('merge-base', 'HEAD', name))?.trim();
    if (commit && commit !== head) return { commit, name };
  }
  return findLanded(git);
}

/** A clone may not reach that far back. */
async function findLanded(git: Git): Promise<Base | undefined> {
  const commit = (await git('show', `HEAD:${LANDED}`))?.trim();
  const isBefore = commit && (await git('merge-base', '--is-ancestor', commit, 'HEAD')) !== undefined;
  return isBefore ? { commit, name: LANDED } : undefined;
}

async function resolveWanted(git: Git, wanted: string): Promise<Base> {
  const commit = (await git('rev-parse', '--verify', '--quiet', `${wanted}^{commit}`))?.trim();
  if (commit) return { commit, name: wanted };
  throw usageError(`There is no commit "${wanted}" to compare with`);
}
