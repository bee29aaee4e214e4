import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { demultiplex } from '../../engines/docker/demultiplex.ts';
import { GantryError } from '../../src/errors.ts';
import { LineAssembler, readMessages } from '../../src/images/engine-stream.ts';
import { provideRootfs } from '../../src/images/rootfs.ts';
import { projectRoot } from '../../src/root.ts';
import { acquireLock, type Lock } from '../../src/run/lock.ts';
import { putFiles, takeFiles } from './archive.ts';
import type { Progress } from './progress.ts';
import { kubernetesDebian, kubernetesVersion, prefix, roleLabel } from './settings.ts';

const pauseImage = { repo: `${prefix}/pause`, tag: 'latest' };
/** On the container of a build: the cache that it is for. */
const cacheLabel = 'org.gantry.test-cluster.cache';
/** A build takes 10 minutes on two cores. */
const buildLimitMs = 90 * 60_000;

/**
 * Folder with Kubernetes' programs and the image of its pause program: from the cache, or made of Debian's source
 * package in a container. It appears whole or not at all.
 */
export async function provideKubernetes(docker: Docker, cache: string, progress: Progress): Promise<string> {
  const recipe = await readFile(join(projectRoot(), 'test/cluster/kubernetes/build'));
  const hash = createHash('sha256').update(`${kubernetesDebian}\n`).update(recipe).digest('hex').slice(0, 12);
  const name = `kubernetes-${kubernetesVersion}-${hash}`;
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
    await exportPauseImage(docker, draft);
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
  recipe: Buffer,
  { cache, draft }: { cache: string; draft: string },
  progress: Progress,
): Promise<void> {
  const release = { name: kubernetesDebian, debian: kubernetesDebian };
  const image = await provideRootfs(docker, release, { ...progress, onLine: progress.detail });
  progress.say(
    `building Kubernetes ${kubernetesVersion} from Debian's source: about 20 minutes of processor time`,
  );
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['/usr/local/bin/build', kubernetesVersion],
    Env: buildEnvironment(progress),
    Labels: { [roleLabel]: 'build', [cacheLabel]: cache },
  });
  try {
    await putFiles(container, [{ path: '/usr/local/bin/build', content: recipe, mode: 0o755 }]);
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
    const signal = AbortSignal.any([progress.signal, AbortSignal.timeout(buildLimitMs)]);
    const { StatusCode } = (await container.wait({ abortSignal: signal })) as { StatusCode: number };
    await shown;
    lines.end();
    if (StatusCode !== 0) throw buildFailed(StatusCode, last);
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

/** Nodes import it themselves: no pod of theirs depends on a registry before its own image. */
async function exportPauseImage(docker: Docker, folder: string): Promise<void> {
  const root = pack();
  root.entry({ name: 'pause', mode: 0o755 }, await readFile(join(folder, 'pause')));
  root.finalize();
  const options = { ...pauseImage, changes: 'ENTRYPOINT ["/pause"]' };
  for await (const message of readMessages(
    await docker.importImage(root as unknown as NodeJS.ReadableStream, options),
  )) {
    if (message.error) throw new Error(message.error);
  }
  const image = docker.getImage(`${pauseImage.repo}:${pauseImage.tag}`);
  try {
    await pipeline(await image.get(), createWriteStream(join(folder, 'pause.tar')));
  } finally {
    await image.remove();
  }
}

function buildFailed(code: number, last: string[]): GantryError {
  return new GantryError({
    code: 'cluster.kubernetes-not-built',
    whose: 'environment',
    message: `Kubernetes ${kubernetesVersion} could not be built: the build ended with ${code}`,
    why: last.join('\n'),
    next: "Check that Debian's archive, or the mirror that you gave, can be reached from containers, then try again.",
  });
}
