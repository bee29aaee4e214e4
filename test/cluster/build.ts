import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { demultiplex } from '../../engines/docker/demultiplex.ts';
import { GantryError } from '../../src/errors.ts';
import { LineAssembler } from '../../src/images/engine-stream.ts';
import { provideRootfs } from '../../src/images/rootfs.ts';
import { acquireLock, type Lock } from '../../src/run/lock.ts';
import { timeLimit } from '../../src/time-limit.ts';
import { type File, putFiles, takeFiles } from './archive.ts';
import type { Progress } from './progress.ts';
import { roleLabel } from './settings.ts';

/** On the container of a build: the cache that it is for. */
const cacheLabel = 'org.gantry.test-cluster.cache';
/** A build takes 10 minutes on two cores. */
const buildLimitMs = 90 * 60_000;

/** How something is made of Debian's packages, in a container of a Debian release. */
export interface Recipe {
  /** Of its folder in the cache: all that the result depends on is in it, if only as a hash. */
  name: string;
  /** What is made, in words, and how long that takes. */
  what: string;
  duration: string;
  /** Code name of the release. */
  debian: string;
  files: File[];
  /** Leaves what it makes in /out. */
  command: string[];
  /** Adds to the folder what the container cannot make. */
  finish?(folder: string): Promise<void>;
}

/** The folder with what a recipe makes: from the cache, or built. It appears whole or not at all. */
export async function provideBuilt(
  docker: Docker,
  cache: string,
  recipe: Recipe,
  progress: Progress,
): Promise<string> {
  const { name } = recipe;
  const target = join(cache, name);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  await removeBuilds(docker, cache);
  const lock = await waitForLock(lockDirectory(cache), progress);
  try {
    if (existsSync(target)) return target;
    await removeDrafts(cache, name);
    const draft = join(cache, `${name}.draft`);
    await build(docker, recipe, { cache, draft }, progress);
    await recipe.finish?.(draft);
    await rename(draft, target);
    return target;
  } finally {
    await lock.release();
  }
}

async function waitForLock(directory: string, progress: Progress): Promise<Lock> {
  const deadline = performance.now() + buildLimitMs;
  for (let told = false; ; told = true) {
    try {
      return await acquireLock(directory, { command: 'building Kubernetes' });
    } catch (thrown) {
      const isHeld = thrown instanceof GantryError && thrown.code === 'lock.held';
      if (!isHeld || performance.now() > deadline) throw thrown;
      if (!told) progress.say('waiting for another process that builds Kubernetes');
      await sleep(1000, undefined, { signal: progress.signal });
    }
  }
}

/** Ends and removes what builds for this cache by dead processes left on the engine; nothing where one is under way. */
export async function removeBuilds(docker: Docker, cache: string): Promise<void> {
  const label = [`${roleLabel}=build`, `${cacheLabel}=${cache}`];
  const left = await docker.listContainers({ all: true, filters: { label } });
  if (left.length === 0) return;
  let lock: Lock;
  try {
    lock = await acquireLock(lockDirectory(cache), { command: 'removing builds of Kubernetes' });
  } catch (thrown) {
    if (thrown instanceof GantryError && thrown.code === 'lock.held') return;
    throw thrown;
  }
  try {
    for (const { Id } of left) await docker.getContainer(Id).remove({ force: true, v: true });
  } finally {
    await lock.release();
  }
}

function lockDirectory(cache: string): string {
  return join(cache, 'kubernetes.lock');
}

/** What builds that were interrupted left. */
async function removeDrafts(cache: string, name: string): Promise<void> {
  for (const entry of await readdir(cache)) {
    if (entry.startsWith(`${name}.draft`)) await rm(join(cache, entry), { recursive: true });
  }
}

async function build(
  docker: Docker,
  { what, duration, debian, files, command }: Recipe,
  { cache, draft }: { cache: string; draft: string },
  progress: Progress,
): Promise<void> {
  const image = await provideRootfs(docker, { debian }, { ...progress, onLine: progress.detail });
  progress.say(`building ${what}: about ${duration} of processor time`);
  const container = await docker.createContainer({
    Image: image,
    Cmd: command,
    Env: buildEnvironment(progress),
    Labels: { [roleLabel]: 'build', [cacheLabel]: cache },
  });
  try {
    await putFiles(container, files);
    const last: string[] = [];
    const lines = new LineAssembler((line) => {
      if (last.push(line) > 15) last.shift();
      progress.detail(line);
    });
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.write(chunk.toString());
        done();
      },
    });
    const shown = pipeline(stream, demultiplex(sink, sink));
    shown.catch(() => undefined);
    await container.start();
    const signal = AbortSignal.any([progress.signal, timeLimit(buildLimitMs)]);
    const { StatusCode } = (await container.wait({ abortSignal: signal })) as { StatusCode: number };
    await shown;
    lines.end();
    if (StatusCode !== 0) throw buildFailed(what, StatusCode, last);
    await takeFiles(container, '/out', draft);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

function buildEnvironment({ mirror, proxies }: Progress): string[] {
  return Object.entries({
    DEBIAN_MIRROR: mirror,
    http_proxy: proxies.http,
    https_proxy: proxies.https,
    no_proxy: proxies.no,
  }).flatMap(([name, value]) => (value ? [`${name}=${value}`] : []));
}

function buildFailed(what: string, code: number, last: string[]): GantryError {
  return new GantryError({
    code: 'cluster.kubernetes-not-built',
    whose: 'environment',
    message: `${what} could not be built: the build ended with ${code}`,
    why: last.join('\n'),
    next: "Check that Debian's archive, or the mirror that you gave, can be reached from containers, then try again.",
  });
}
