import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import type Docker from 'dockerode';
import { GantryError, messageOf } from '../../src/errors.ts';
import { acquireLock } from '../../src/run/lock.ts';
import { AUTHORITY_FILE, ensureAuthority } from '../../src/secrets/authority.ts';
import { filesIn, openPrivateDirectory, writePrivateFile } from '../../src/secrets/files.ts';
import { applyManifests, loadKubeconfig, waitForNames, waitForNodes } from './api.ts';
import { type File, putFiles } from './archive.ts';
import {
  containerName,
  createControl,
  createNode,
  createRegistry,
  findPrograms,
  listContainers,
  type Made,
  unlessMissing,
} from './containers.ts';
import { renderAdminKubeconfig, renderControlFiles } from './control-files.ts';
import { provideNodeImage } from './image.ts';
import { provideKubernetes } from './kubernetes.ts';
import { createNetworks, readExternal } from './networks.ts';
import { renderNodeFiles } from './node-files.ts';
import type { Progress } from './progress.ts';
import {
  defaultExternal,
  kubernetesPrograms,
  mostNodes,
  nodeIndex,
  nodeName,
  type Paths,
  registryPort,
} from './settings.ts';

export interface ClusterContext extends Progress {
  docker: Docker;
  paths: Paths;
  now(): Date;
}

export interface UpRequest {
  /** How many nodes there are to be at least; as many as there are, or else three. */
  nodes?: number | undefined;
  /** The external network, in CIDR notation. */
  external?: string | undefined;
  /** Folder with the programs of another version of Kubernetes, for a cluster that is not there yet. */
  programs?: string | undefined;
}

/**
 * Brings the cluster up, or completes what is there of it: the second time it does nothing. Everything is found
 * by its label on the engine, so that an interrupted run goes on where it stopped. There is one cluster on an engine.
 */
export async function up(context: ClusterContext, request: UpRequest = {}): Promise<void> {
  await withLock(context, 'cluster up', async () => {
    const found = await listContainers(context.docker);
    const nodes = existingNodes(found);
    const count = Math.max(request.nodes ?? (nodes.length || 3), ...nodes.map(nodeIndex));
    checkCount(count);
    const { programs } = request;
    if (programs !== undefined) checkPrograms(programs, await findPrograms(context.docker));
    if (found.size > 0 && !existsSync(join(context.paths.state, AUTHORITY_FILE))) {
      throw stateLost(context.paths.state);
    }
    const external = request.external ?? (await readExternal(context.docker)) ?? defaultExternal;
    await createNetworks(context.docker, external);
    const made = await provide(context, programs);
    const { state } = context.paths;
    openPrivateDirectory(state);
    const authority = await ensureAuthority(filesIn(state), context.now);
    const names = nodes.concat(missingNodes(nodes, count));
    await Promise.all([
      start(
        context,
        'control',
        () => createControl(context.docker, made),
        () => renderControlFiles(state, context.now()),
      ),
      start(
        context,
        'registry',
        () => createRegistry(context.docker, made),
        async () => [],
      ),
      ...names.map((name) =>
        start(
          context,
          name,
          () => createNode(context.docker, made, external, nodeIndex(name)),
          () => renderNodeFiles(authority, nodeIndex(name), context.now()),
        ),
      ),
    ]);
    if (!existsSync(context.paths.kubeconfig)) {
      writePrivateFile(state, 'kubeconfig', await renderAdminKubeconfig(authority, context.now()));
    }
    const kubeconfig = loadKubeconfig(context.paths.kubeconfig);
    await applyManifests(kubeconfig, context.signal);
    await waitForNodes(kubeconfig, await startTimes(context.docker, names), context.signal);
    await waitForNames(context.signal);
  });
}

/** Adds one node and waits until it is ready; resolves to its name. */
export async function addNode(context: ClusterContext): Promise<string> {
  return withLock(context, 'cluster add-node', async () => {
    const { kubeconfig } = requireCluster(context);
    const nodes = existingNodes(await listContainers(context.docker));
    const index = Math.max(0, ...nodes.map(nodeIndex)) + 1;
    checkCount(index);
    const name = nodeName(index);
    const made = await provide(context);
    const external = (await readExternal(context.docker)) ?? defaultExternal;
    const authority = await ensureAuthority(filesIn(context.paths.state), context.now);
    await start(
      context,
      name,
      () => createNode(context.docker, made, external, index),
      () => renderNodeFiles(authority, index, context.now()),
    );
    await waitForNodes(kubeconfig, await startTimes(context.docker, [name]), context.signal);
    return name;
  });
}

/** Takes a node away with its data; the cluster forgets it. */
export async function removeNode(context: ClusterContext, name: string): Promise<void> {
  await withLock(context, 'cluster remove-node', async () => {
    const { kubeconfig } = requireCluster(context);
    const container = await findNode(context, name);
    await container.remove({ force: true, v: true });
    await unlessMissing(context.docker.getVolume(containerName(name)).remove());
    const core = kubeconfig.makeApiClient(CoreV1Api);
    await core.deleteNode({ name }).catch((thrown: { code?: number }) => {
      if (thrown.code !== 404) throw thrown;
    });
  });
}

/** Ends a node at once, as a loss of power does; its disks stay. */
export async function killNode(context: ClusterContext, name: string): Promise<void> {
  const container = await findNode(context, name);
  if ((await container.inspect()).State.Running) await container.kill();
}

/** Starts a node that was killed and waits until it is ready. */
export async function startNode(context: ClusterContext, name: string): Promise<void> {
  const container = await findNode(context, name);
  if (!(await container.inspect()).State.Running) await container.start();
  const { kubeconfig } = requireCluster(context);
  await waitForNodes(kubeconfig, await startTimes(context.docker, [name]), context.signal);
}

/** The kubeconfig of a cluster that is there. Throws `cluster.down`. */
export function requireCluster({ paths }: Pick<ClusterContext, 'paths'>): { kubeconfig: KubeConfig } {
  if (existsSync(paths.kubeconfig)) return { kubeconfig: loadKubeconfig(paths.kubeconfig) };
  throw new GantryError({
    code: 'cluster.down',
    whose: 'user',
    message: 'There is no test cluster',
    next: 'Make one with `npm run cluster -- up`.',
  });
}

/** Waits for nothing and changes nothing where another command is at work: throws `lock.held`. */
export async function withLock<T>(
  context: ClusterContext,
  command: string,
  run: () => Promise<T>,
): Promise<T> {
  const lock = await acquireLock(context.paths.state, { command, now: context.now() });
  try {
    return await run();
  } finally {
    await lock.release();
  }
}

function existingNodes(containers: Map<string, unknown>): string[] {
  return [...containers.keys()].filter((name) => !Number.isNaN(nodeIndex(name)));
}

function missingNodes(nodes: string[], count: number): string[] {
  const all = Array.from({ length: count }, (_, index) => nodeName(index + 1));
  return all.filter((name) => !nodes.includes(name));
}

/** Builds what nodes are made of, where it is missing. A cluster that is there keeps its programs. */
export async function provide(context: ClusterContext, programs?: string): Promise<Made> {
  const { docker, paths } = context;
  const running = await findPrograms(docker);
  const pause = await provideKubernetes(docker, paths.cache, context);
  const image = await provideNodeImage(docker, context);
  return { kubernetes: running ?? programs ?? pause, pause, image };
}

function checkPrograms(folder: string, running: string | undefined): void {
  const lacking = kubernetesPrograms.filter((name) => !existsSync(join(folder, name)));
  if (lacking.length === 0 && (running ?? folder) === folder) return;
  throw new GantryError({
    code: 'usage',
    whose: 'user',
    message:
      lacking.length > 0
        ? `${folder} lacks ${lacking.join(', ')}`
        : `The cluster that is there runs the programs of ${running}`,
    ...(lacking.length > 0 ? {} : { next: 'Remove it with `npm run cluster -- down` first.' }),
    exitCode: 64,
  });
}

/** Makes a container with its files where it is missing, and starts it where it does not run. */
async function start(
  { docker, say }: ClusterContext,
  part: string,
  create: () => Promise<Docker.Container>,
  render: () => Promise<File[]>,
): Promise<void> {
  const found = (await listContainers(docker)).get(part);
  if (found?.State === 'running') return;
  // One that never ran may lack its files.
  if (found?.State === 'created') await docker.getContainer(found.Id).remove({ force: true, v: true });
  const isKept = found !== undefined && found.State !== 'created';
  const container = isKept ? docker.getContainer(found.Id) : await create();
  if (!isKept) await putFiles(container, await render());
  await startContainer(container, part);
  say(`${part} ${isKept ? 'started again' : 'made'}`);
}

async function startContainer(container: Docker.Container, part: string): Promise<void> {
  try {
    await container.start();
  } catch (thrown) {
    throw new GantryError({
      code: 'cluster.not-started',
      whose: 'environment',
      message: `The engine does not start ${part}`,
      why: messageOf(thrown),
      next:
        part === 'registry'
          ? `It needs port ${registryPort} of this machine: \`ss -ltnp\` shows what holds it.`
          : 'Look at what the engine says above.',
      cause: thrown,
    });
  }
}

async function startTimes(docker: Docker, names: readonly string[]): Promise<Map<string, Date>> {
  const read = async (name: string) => {
    const { State } = await docker.getContainer(containerName(name)).inspect();
    return [name, new Date(State.StartedAt)] as const;
  };
  return new Map(await Promise.all(names.map(read)));
}

async function findNode({ docker }: ClusterContext, name: string): Promise<Docker.Container> {
  const nodes = existingNodes(await listContainers(docker));
  if (nodes.includes(name)) return docker.getContainer(containerName(name));
  throw new GantryError({
    code: 'cluster.unknown-node',
    whose: 'user',
    message: `There is no node ${name}`,
    next:
      nodes.length > 0
        ? `The nodes are ${nodes.join(', ')}.`
        : 'Make a cluster with `npm run cluster -- up`.',
  });
}

function checkCount(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= mostNodes) return;
  throw new GantryError({
    code: 'usage',
    whose: 'user',
    message: `A cluster has 1 to ${mostNodes} nodes, not ${count}`,
    exitCode: 64,
  });
}

function stateLost(state: string): GantryError {
  return new GantryError({
    code: 'cluster.state-lost',
    whose: 'environment',
    message: `A test cluster runs on this engine, but its keys are not in ${state}`,
    why: 'It was made with another state directory, or is half made.',
    next: 'Use that directory by GANTRY_STATE, or remove the cluster with `npm run cluster -- down`.',
  });
}
