import { join } from 'node:path';
import { createDockerClient } from '../../engines/docker/client.ts';
import { GantryError } from '../../src/errors.ts';
import type { ClusterContext } from './cluster.ts';
import { readMirror } from './mirror.ts';
import { resolvePaths } from './settings.ts';

export interface ContextOptions {
  environment: NodeJS.ProcessEnv;
  uid: number;
  signal: AbortSignal;
  say(line: string): void;
  detail?: ((line: string) => void) | undefined;
  mirror?: string | undefined;
}

/** Connects to this machine's engine. Throws `docker.unreachable`, or `cluster.remote` for an engine elsewhere. */
export async function openContext(options: ContextOptions): Promise<ClusterContext> {
  const { environment, uid, signal, say, detail = () => {} } = options;
  const client = await createDockerClient(environment);
  if (!client.local) {
    throw new GantryError({
      code: 'cluster.remote',
      whose: 'environment',
      message: 'The test cluster needs a Docker Engine on this Linux machine',
      why: `The engine at ${client.address} runs elsewhere: nodes could not be reached from here.`,
      next: 'Unset DOCKER_HOST, or run this on the machine of the engine.',
    });
  }
  const paths = resolvePaths(environment, uid);
  return {
    docker: client.docker,
    paths,
    now: () => new Date(),
    say,
    detail,
    signal,
    mirror: options.mirror ?? (await readMirror()),
    proxies: {
      http: environment.http_proxy ?? environment.HTTP_PROXY,
      https: environment.https_proxy ?? environment.HTTPS_PROXY,
      no: environment.no_proxy ?? environment.NO_PROXY,
    },
    environment,
    logs: join(paths.cache, 'logs'),
  };
}
