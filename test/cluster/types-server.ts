import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type Docker from 'dockerode';
import { projectRoot } from '../../src/root.ts';
import { timeLimit } from '../../src/time-limit.ts';
import { provideBuilt } from './build.ts';
import type { Progress } from './progress.ts';

const sources = 'test/cluster/types';
const startLimitMs = 30_000;

/** A running API server of Kubernetes' own types, without anything behind them: see test/cluster/types/main.go. */
export interface TypesServer {
  /** Path of its kubeconfig. */
  kubeconfig: string;
  close(): Promise<void>;
}

/**
 * Starts one, built first where the cache has none.
 * @param debian code name of the Debian release whose libraries of Kubernetes are taken
 */
export async function startTypesServer(
  docker: Docker,
  cache: string,
  debian: string,
  progress: Progress,
): Promise<TypesServer> {
  const program = join(await provideTypesServer(docker, cache, debian, progress), 'types-server');
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const directory = await mkdtemp(join(tmpdir(), 'gantry-types-'));
  const close = async () => {
    child.stdin.end();
    await ended;
    await rm(directory, { recursive: true });
  };
  try {
    const lines = createInterface({ input: child.stdout });
    const [url] = await once(lines, 'line', { signal: timeLimit(startLimitMs) });
    const kubeconfig = join(directory, 'kubeconfig');
    await writeFile(kubeconfig, renderKubeconfig(url as string));
    return { kubeconfig, close };
  } catch (thrown) {
    await close();
    throw new Error(`the API server of types did not start within ${startLimitMs / 1000} s`, {
      cause: thrown,
    });
  }
}

async function provideTypesServer(
  docker: Docker,
  cache: string,
  debian: string,
  progress: Progress,
): Promise<string> {
  const folder = join(projectRoot(), sources);
  const names = (await readdir(folder)).sort();
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name))));
  const hash = createHash('sha256').update(debian);
  names.forEach((name, index) => {
    hash.update(`\n${name}\n`).update(contents[index] as Buffer);
  });
  const recipe = {
    name: `kubernetes-types-${debian}-${hash.digest('hex').slice(0, 12)}`,
    what: `an API server of the Kubernetes libraries of Debian ${debian}`,
    duration: '4 minutes',
    debian,
    files: names.map((name, index) => ({
      path: `/build/types/${name}`,
      content: contents[index] as Buffer,
      mode: 0o755,
    })),
    command: ['/build/types/build'],
  };
  return provideBuilt(docker, cache, recipe, progress);
}

/** It speaks plain HTTP on loopback, which the client library takes only where nothing is to be verified. */
function renderKubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'types',
    contexts: [{ name: 'types', context: { cluster: 'types', user: 'types' } }],
    clusters: [{ name: 'types', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'types', user: {} }],
  });
}
