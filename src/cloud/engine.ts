import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DockerClient } from '../../engines/docker/client.ts';
import type { ApiWarning } from '../../engines/kubernetes/api/warnings.ts';
import type { KubernetesSettings } from '../../engines/kubernetes/context.ts';
import { externalRegistry, imageVersion, usesBuiltinRegistry } from '../config/registry.ts';
import type { CloudConfig } from '../config/schema.ts';
import type { Engine, StepContext, TaskCloud } from '../engine/engine.ts';
import { GantryError } from '../errors.ts';
import { readAccount } from '../images/account.ts';
import { buildImage } from '../images/build.ts';
import { findImage } from '../images/graph.ts';
import type { ImageGraph } from '../images/image.ts';
import { pushImages } from '../images/push.ts';
import { archiveImage } from '../images/save.ts';
import type { DesiredImage } from '../model/desired.ts';
import { builtinRegistry } from '../model/image-registry.ts';
import type { Task } from '../model/task.ts';
import type { Emit } from '../run/events.ts';
import { warn } from './caller.ts';
import { cacheBase } from './choice.ts';
import type { Configured } from './configured.ts';
import { schemaStore } from './schema-store.ts';
import { runTask } from './tasks.ts';

/** What engines are given that is not their own: building images and talking to OpenStack. */
export interface EngineInput extends Configured {
  graph: ImageGraph;
  docker: () => Promise<DockerClient>;
  /** Value of a secret by name. */
  password: (name: string) => string;
  emit: Emit;
}

const clock = {
  now: Date.now,
  sleep: async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    await sleep(milliseconds, undefined, signal ? { signal } : {});
  },
};

/** The engine that cloud.yaml names. Throws a GantryError where it cannot be reached. */
export async function openEngine(input: EngineInput): Promise<Engine> {
  const { config, graph, stateDirectory, docker } = input;
  const common = {
    stateDirectory,
    schemas: schemaStore(join(cacheBase(process.env, process.getuid?.() ?? 0), 'schemas')),
    clock,
    async buildImage(image: DesiredImage, context: StepContext) {
      const { docker: builder } = await docker();
      await buildImage(builder, findImage(graph, image.name), {
        ...buildSettings(input),
        signal: context.signal,
        onLine: context.log,
        onProgress: (done, total, text) => context.progress(done, total, 'steps', text),
        onBytes: (done, total) => context.progress(done, total, 'bytes', 'pulled'),
      });
    },
    runTask: (task: Task, context: StepContext, cloud: TaskCloud) =>
      runTask(task, { ...context, ...cloud, region: config.region, password: input.password }),
  };
  if (config.engine === 'docker') {
    const { createDockerEngine } = await import('../../engines/docker/engine.ts');
    return createDockerEngine({ ...common, client: await docker() });
  }
  const { createKubernetesEngine } = await import('../../engines/kubernetes/engine.ts');
  return createKubernetesEngine({
    ...common,
    environment: process.env,
    context: config.context,
    settings: kubernetesSettings(config),
    publishImage: (image, registry, context) => publishImage(input, image, registry, context),
    saveImage: async (image, registry) =>
      archiveImage((await docker()).docker, findImage(graph, image.name), registry),
    listPublishedImages: listPublished,
    listBuiltImages: () => listBuilt(input),
    onWarning: (warning) => warnOfApi(input.emit, warning),
  });
}

/** What is said of many objects is told with the first of them. */
export function warnOfApi(emit: Emit, { text, request }: ApiWarning): void {
  warn(emit, `Kubernetes says: ${text} (${request})`, text);
}

/** What cloud.yaml says that concerns Kubernetes, with its defaults. */
export function kubernetesSettings(config: CloudConfig): KubernetesSettings {
  const { name, kubernetes } = config;
  const {
    namespace = name,
    storageClass,
    sharedStorageClass,
    volumeSizes,
    frontDoor,
    imagePullSecrets,
  } = kubernetes;
  return {
    cloud: name,
    namespace,
    registry: usesBuiltinRegistry(config) ? builtinRegistry.address : externalRegistry(config),
    storageClass,
    sharedStorageClass,
    volumeSizes,
    imagePullSecrets,
    frontDoor,
  };
}

async function publishImage(
  input: EngineInput,
  image: DesiredImage,
  registry: string,
  context: StepContext,
): Promise<void> {
  const { docker, local, address } = await input.docker();
  if (usesBuiltinRegistry(input.config) && !local) throw remoteEngine(address);
  await pushImages(docker, [findImage(input.graph, image.name)], {
    registry,
    version: buildSettings(input).version,
    account: await readAccount(process.env, registry),
    signal: context.signal,
    onProgress: (_image, done, total) => context.progress(done, total, 'bytes', 'pushed'),
  });
}

/** The engine itself sends images, and the way to the cluster is on this machine's loopback. */
function remoteEngine(address: string): GantryError {
  return new GantryError({
    code: 'registry.remote-engine',
    whose: 'environment',
    message: `the Docker Engine at ${address} cannot reach the registry inside the cluster`,
    why: 'The way there goes through this machine, and that engine is on another one.',
    next: "Build with this machine's own Docker Engine (unset DOCKER_HOST), or set images.registry to a registry that both reach.",
  });
}

/** Which of these references the registry has. */
export async function listPublished(references: readonly string[], registry: string): Promise<string[]> {
  const { findPublished } = await import('../images/published.ts');
  return findPublished(references, { registry, account: await readAccount(process.env, registry) });
}

/** Where no builder answers, nothing is built: that is said only when something has to be. */
async function listBuilt({ docker }: EngineInput): Promise<string[]> {
  const client = await docker().catch(() => undefined);
  const images = (await client?.docker.listImages()) ?? [];
  return images.flatMap((image) => image.RepoTags ?? []);
}

/** How images are come by: version, registry, proxies, mirror, and where the logs go. */
export function buildSettings(cloud: Pick<Configured, 'config' | 'stateDirectory'>) {
  const environment = process.env;
  return {
    version: imageVersion(cloud.config),
    proxies: {
      http: environment.http_proxy ?? environment.HTTP_PROXY,
      https: environment.https_proxy ?? environment.HTTPS_PROXY,
      no: environment.no_proxy ?? environment.NO_PROXY,
    },
    mirror: cloud.config.images.mirror,
    registry: externalRegistry(cloud.config),
    logDirectory: join(cloud.stateDirectory, 'logs', 'images'),
    environment,
  };
}
