import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDockerEngine } from '../../engines/docker/engine.ts';
import { buildImage } from '../images/build.ts';
import { findImage } from '../images/graph.ts';
import type { Task } from '../model/desired.ts';
import type { Connection, Engine, StepContext } from '../model/engine.ts';
import { registerInKeystone } from '../openstack/registrations.ts';
import { openSession } from '../openstack/session.ts';
import type { Cloud } from './cloud.ts';

/** The Docker engine, given what is not its own: building images and talking to OpenStack. */
export function createEngine(cloud: Omit<Cloud, 'engine'>): Engine {
  return createDockerEngine({
    client: cloud.client,
    stateDirectory: cloud.stateDirectory,
    clock: {
      now: Date.now,
      sleep: async (milliseconds, signal) => {
        await sleep(milliseconds, undefined, signal ? { signal } : {});
      },
    },
    async buildImage(image, context) {
      await buildImage(cloud.client.docker, findImage(cloud.graph, image.name), {
        ...buildSettings(cloud),
        signal: context.signal,
        onLine: context.log,
        onProgress: (done, total, text) => context.progress(done, total, 'steps', text),
      });
    },
    runTask: (task, context, connect) => runTask(cloud, task, context, connect),
  });
}

/** How images are built: version, proxies, mirror, and where the logs go. */
export function buildSettings(cloud: Pick<Cloud, 'config' | 'stateDirectory'>) {
  const environment = process.env;
  return {
    version: cloud.config.images.version ?? cloud.config.release,
    proxies: {
      http: environment.http_proxy ?? environment.HTTP_PROXY,
      https: environment.https_proxy ?? environment.HTTPS_PROXY,
      no: environment.no_proxy ?? environment.NO_PROXY,
    },
    mirror: cloud.config.images.mirror,
    logDirectory: join(cloud.stateDirectory, 'logs', 'images'),
    environment,
  };
}

async function runTask(
  cloud: Omit<Cloud, 'engine'>,
  task: Task,
  context: StepContext,
  connect: (process: string, port: number) => Promise<Connection>,
): Promise<void> {
  const connection = await connect('keystone-api', 5000);
  try {
    const authUrl = `http://${connection.host}:${connection.port}/v3`;
    const session = await openSession({
      authUrl,
      endpointOverride: { identity: authUrl },
      user: 'admin',
      password: cloud.secrets.get('keystone-admin'),
      project: 'admin',
      interface: 'internal',
      region: cloud.config.region,
      signal: context.signal,
    });
    const changes = await registerInKeystone(session, {
      accounts: task.action.accounts,
      endpoints: task.action.endpoints,
      region: cloud.config.region,
      passwords: (name) => cloud.secrets.get(name),
    });
    for (const change of changes) context.log(change);
  } finally {
    await connection.close();
  }
}
