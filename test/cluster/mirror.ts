import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The archive that this machine's apt takes Debian from; undefined where it has none, or is not Debian's. */
export async function readMirror(): Promise<string | undefined> {
  try {
    const { stdout } = await run('apt-get', [
      'indextargets',
      '--format',
      '$(REPO_URI)',
      'Created-By: Packages',
      'Component: main',
    ]);
    return stdout
      .split('\n')
      .find((uri) => /^https?:.*\/debian\/?$/.test(uri))
      ?.replace(/\/$/, '');
  } catch {
    return undefined;
  }
}
