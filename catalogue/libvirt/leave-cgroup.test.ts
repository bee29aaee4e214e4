import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = readFileSync(join(import.meta.dirname, 'images/libvirt/leave-cgroup'), 'utf8');
let cgroups: string;

beforeEach(() => {
  cgroups = mkdtempSync(join(tmpdir(), 'gantry-cgroups-'));
});
afterEach(() => rmSync(cgroups, { recursive: true }));

function make(...names: string[]): void {
  for (const name of names) {
    mkdirSync(join(cgroups, name), { recursive: true });
    writeFileSync(join(cgroups, name, 'cgroup.procs'), '');
  }
}

/** Runs the script on these cgroups; resolves to those that the command is in afterwards. */
function leave(names: string[]): string[] {
  const programs = join(cgroups, '.programs');
  mkdirSync(programs);
  // Written to by a kernel, a cgroup of its own would have this file from the beginning.
  writeFileSync(join(programs, 'mkdir'), `#!/bin/sh\n/bin/mkdir "$@" && : > "$2/cgroup.procs"\n`);
  writeFileSync(join(programs, 'setpriv'), '#!/bin/sh\necho "$$"\n');
  for (const name of ['mkdir', 'setpriv']) chmodSync(join(programs, name), 0o755);
  const pid = execFileSync(
    'bash',
    ['-c', script.replace('/sys/fs/cgroup', cgroups), 'leave-cgroup', 'true'],
    {
      env: { PATH: `${programs}:${process.env.PATH}` },
      encoding: 'utf8',
    },
  );
  return names.filter((name) => {
    const procs = join(cgroups, name, 'cgroup.procs');
    return existsSync(procs) && readFileSync(procs, 'utf8').includes(pid);
  });
}

test('with cgroups of version 1, the root of each hierarchy is entered', () => {
  make('cpu', 'memory', 'memory/docker');
  expect(leave(['cpu', 'memory', 'memory/docker'])).toEqual(['cpu', 'memory']);
});

test('with version 2 the root, and no cgroup of somebody else below it', () => {
  make('.', 'system.slice', 'dev-hugepages.mount');
  writeFileSync(join(cgroups, 'cgroup.controllers'), 'cpu memory\n');
  expect(leave(['.', 'system.slice', 'dev-hugepages.mount', 'gantry'])).toEqual(['.']);
});

test('with version 2 in a machine that is a container, whose root takes none, one of its own', () => {
  make('system.slice');
  writeFileSync(join(cgroups, 'cgroup.controllers'), 'cpu memory\n');
  expect(leave(['system.slice', 'gantry'])).toEqual(['gantry']);
});
