import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { createDockerClient } from '../../engines/docker/client.ts';
import { GantryError, messageOf } from '../../src/errors.ts';
import { isMissing, readMessages } from '../../src/images/engine-stream.ts';
import { systemClock } from '../../src/openstack/clock.ts';
import { waitFor } from '../../src/openstack/wait.ts';
import { machine } from '../cluster/containers.ts';
import { type Context, limits } from './course.ts';
import { gantry, type Tree } from './tree.ts';

const ENGINE_LIMIT_MS = 60_000;
const POLL_MS = 200;
/** Root of the engine's container: this machine's programs are mounted into it. */
const image = { repo: 'gantry-bench/engine', tag: 'latest' };
const folders = [
  'dev',
  'engine',
  'etc/alternatives',
  'etc/ssl',
  'proc',
  'root',
  'run',
  'sys',
  'tmp',
  'usr',
  'var',
];
const links = ['bin', 'lib', 'lib64', 'sbin'];

/** Makes cgroups writable, below which the engine puts what it runs, and starts the engine. */
const start = `set -eu
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -o remount,bind,rw /sys/fs/cgroup
  # Version 2 allows processes in leaves only.
  mkdir -p /sys/fs/cgroup/init
  while read -r pid; do echo "$pid" > /sys/fs/cgroup/init/cgroup.procs || true; done < /sys/fs/cgroup/cgroup.procs
  sed 's/\\(^\\| \\)/\\1+/g' /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
else
  for hierarchy in /sys/fs/cgroup/*; do
    if [ -d "$hierarchy" ] && [ ! -L "$hierarchy" ]; then mount -o remount,bind,rw "$hierarchy"; fi
  done
fi
exec dockerd --host unix:///engine/docker.sock`;

/** Disks of servers, which no container of the cloud is made of. */
const disks = ['docker-server', 'guest'];

/**
 * Seconds that all images but the guest take on an engine that holds nothing: this machine's own programs, started once
 * more in a container with an empty volume. The machine's engine, its images and what it knows of builds are left alone.
 */
export async function measureBare(tree: Tree, { docker, signal }: Context): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-bench-engine-'));
  try {
    await importRoot(docker);
    const container = await createEngine(docker, tree, folder);
    try {
      await container.start();
      const environment = { DOCKER_HOST: `unix://${join(folder, 'docker.sock')}` };
      await waitForEngine(container, environment, signal);
      const run = (args: readonly string[]) =>
        gantry(tree, args, { limitMs: limits.build, environment, signal });
      const { output } = await run(['images', 'list', '-o', 'json']);
      const { images } = JSON.parse(output) as { images: { name: string }[] };
      const names = images.map(({ name }) => name).filter((name) => !disks.includes(name));
      return (await run(['--progress', 'plain', 'images', 'build', '-j', '2', ...names])).seconds;
    } finally {
      await container.remove({ force: true, v: true });
    }
  } finally {
    await docker.getImage(`${image.repo}:${image.tag}`).remove().catch(unlessMissing);
    await rm(folder, { recursive: true, force: true });
  }
}

async function createEngine(docker: Docker, tree: Tree, folder: string): Promise<Docker.Container> {
  if (!existsSync('/usr/sbin/dockerd') && !existsSync('/usr/bin/dockerd')) {
    throw new GantryError({
      code: 'bench.no-engine',
      whose: 'environment',
      message: 'The programs of Docker Engine are not on this machine',
      next: 'Run this on the machine of the engine: a second one is started from the same programs.',
    });
  }
  return docker.createContainer({
    name: `${tree.cloud}-engine`,
    Image: `${image.repo}:${image.tag}`,
    Cmd: ['/bin/sh', '-c', start],
    Env: ['PATH=/usr/sbin:/usr/bin'],
    Volumes: { '/var/lib/docker': {} },
    HostConfig: {
      ...machine,
      Binds: [
        '/usr:/usr:ro',
        '/etc/alternatives:/etc/alternatives:ro',
        '/etc/ssl:/etc/ssl:ro',
        `${folder}:/engine`,
      ],
    } as Docker.HostConfig,
  });
}

async function importRoot(docker: Docker): Promise<void> {
  const archive = pack();
  for (const name of folders) archive.entry({ name, type: 'directory', mode: 0o755 });
  for (const name of links) archive.entry({ name, type: 'symlink', linkname: `usr/${name}` });
  archive.finalize();
  const imported = await docker.importImage(archive.pipe(new PassThrough()), image);
  for await (const { error } of readMessages(imported)) {
    if (error !== undefined) throw new Error(error);
  }
}

async function waitForEngine(
  container: Docker.Container,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  await waitFor<true>({
    failure: 'the engine in a container did not answer',
    limitMs: ENGINE_LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      try {
        await createDockerClient(environment);
        return { done: true };
      } catch (thrown) {
        return { waiting: messageOf(thrown) };
      }
    },
    explain: async () => (await container.logs({ stdout: true, stderr: true, tail: 10 })).toString('latin1'),
    signal,
    clock: systemClock,
  });
}

function unlessMissing(thrown: unknown): void {
  if (!isMissing(thrown)) throw thrown;
}
