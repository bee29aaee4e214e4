import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { GantryError, messageOf } from '../../src/errors.ts';
import type { HostMount } from '../../src/model/workload.ts';

const run = promisify(execFile);

/**
 * Makes directories of this machine shared mounts where a container asks for that: the engine refuses to
 * share what is private. systemd makes everything shared at boot, other init systems do not.
 */
export async function shareHostMounts(mounts: readonly HostMount[]): Promise<void> {
  for (const { hostPath, propagation } of mounts) {
    if (propagation !== 'shared' && propagation !== 'slave') continue;
    if (isShared(await readFile('/proc/self/mountinfo', 'utf8'), hostPath)) continue;
    try {
      await mkdir(hostPath, { recursive: true });
      await run('mount', ['--bind', hostPath, hostPath]);
      await run('mount', ['--make-shared', hostPath]);
    } catch (thrown) {
      throw new GantryError({
        code: 'docker.private-mount',
        whose: 'environment',
        message: `${hostPath} cannot be shared with containers`,
        why: messageOf(thrown),
        next: `Run as root, or run \`mount --make-rshared /\` on the engine's machine first.`,
        cause: thrown,
      });
    }
  }
}

/**
 * Whether the mount that holds `path` is shared. Format of mountinfo: proc(5); the mount point is the fifth
 * field, optional fields such as `shared:1` follow the sixth up to a lone dash.
 */
export function isShared(mountinfo: string, path: string): boolean {
  let best = '';
  let shared = false;
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const point = fields[4];
    if (!point) continue;
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    if (!holds || point.length < best.length) continue;
    best = point;
    shared = fields.slice(6, fields.indexOf('-')).some((field) => field.startsWith('shared:'));
  }
  return shared;
}
