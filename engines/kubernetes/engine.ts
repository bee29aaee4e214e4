import { type Engine, executorOf } from '../../src/engine/engine.ts';
import { KeptSchemas } from '../../src/engine/kept-schemas.ts';
import { ledgerWriter } from '../../src/engine/ledger.ts';
import type { Desired, ImageRegistry } from '../../src/model/desired.ts';
import { ledgerOf } from '../../src/model/ledger.ts';
import { type ClusterApi, createClusterApi } from './api/client.ts';
import { clusterFailure } from './api/failure.ts';
import { loadKubeConfig } from './api/kubeconfig.ts';
import type { KubernetesEngineOptions } from './context.ts';
import { cleanLeftBehind, createNodeControl } from './nodes/nodes.ts';
import { prepareNode } from './nodes/seed.ts';
import { observeBundles } from './observe/bundles.ts';
import { type ClusterKnowledge, imagesOnNodes, readCluster } from './observe/facts.ts';
import { observeInstances } from './observe/instances.ts';
import type { CloudScope } from './observe/live.ts';
import { readNodes } from './observe/nodes.ts';
import { listInRegistry } from './observe/registry.ts';
import { createSnapshots } from './observe/snapshots.ts';
import { readUsage } from './observe/usage.ts';
import type { DesiredBundle } from './plan/bundle.ts';
import { planBundlesDown } from './plan/down.ts';
import { planBundles } from './plan/planner.ts';
import { captureCommand, runCommand } from './pods/command.ts';
import { connectTo } from './pods/connect.ts';
import { findRunning } from './pods/find.ts';
import { readLogs } from './pods/logs.ts';
import { commandFailure } from './pods/lost.ts';
import { lookFailure } from './preflight/rights.ts';
import { renderBundles } from './render/bundles.ts';
import { renderCleanPod } from './render/clean.ts';
import { renderJobObjects } from './render/job.ts';
import { createExecutors } from './steps/executors.ts';
import { runOnce } from './steps/once.ts';
import type { RunContext } from './steps/run-context.ts';

/**
 * The engine that runs a cloud as objects of a Kubernetes cluster. Nothing is asked of the cluster yet; throws where
 * the kubeconfig cannot be used.
 */
export async function createKubernetesEngine(options: KubernetesEngineOptions): Promise<Engine> {
  const { settings, clock, onWarning } = options;
  const api = createClusterApi(await loadKubeConfig(options.environment, options.context), { onWarning });
  const scope = { cloud: settings.cloud, namespace: settings.namespace };
  let knowledge: Promise<ClusterKnowledge> | undefined;
  const known = (): Promise<ClusterKnowledge> => {
    knowledge ??= readCluster(api, settings).catch(async (thrown) => {
      throw await lookFailure(api, settings.namespace, thrown);
    });
    return knowledge;
  };
  const observe = async (desired: Desired, bundles: DesiredBundle[]) => {
    const [{ cluster }, nodes] = await Promise.all([known(), readNodes(api)]);
    return observeBundles(api, {
      desired,
      bundles,
      scope: { ...scope, groupVersions: cluster.groupVersions },
      sizes: settings.volumeSizes,
      nodes,
      imagePrefix: cluster.imagePrefix,
      listPublished: (references) => listImages(options, api, desired.registry, references),
      listBuilt: options.listBuiltImages,
      now: clock.now(),
    });
  };
  const render = async (desired: Desired) => renderBundles(desired, (await known()).cluster);
  return {
    name: 'kubernetes',
    facts: async () => (await known()).engine,
    observe: (desired) =>
      observeInstances(api, {
        desired,
        scope,
        images: () => {
          const references = (desired.images ?? []).map(({ reference }) => reference);
          return listImages(options, api, desired.registry, references);
        },
        now: clock.now(),
      }),
    complete: async (desired) => desired,
    render: async (desired) => (await render(desired)).flatMap(({ objects }) => objects),
    async plan(desired, { force = false }) {
      const bundles = await render(desired);
      return planBundles(desired, bundles, await observe(desired, bundles), { force });
    },
    async planDown(desired, { volumes }) {
      const bundles = await render(desired);
      const observed = await observe(desired, bundles);
      return planBundlesDown(bundles, observed, { cloud: desired.cloud, volumes, order: desired });
    },
    executor: (desired) => executorOf(createExecutors(runContext(options, api, desired, known))),
    async exec(_cloud, process, command, execOptions) {
      const { pod } = await findRunning(api, scope, process).catch((thrown) => {
        throw clusterFailure(`${process} could not be found`, thrown);
      });
      return runCommand(api, pod, command, execOptions).catch(async (thrown) => {
        throw await commandFailure(api, pod, String(command[0]), thrown);
      });
    },
    runOnce: (desired, job, onceOptions) =>
      runOnce(runContext(options, api, desired, known), job, onceOptions),
    readUsage: (_cloud, instances) => readUsage(api, scope.namespace, instances),
    logs: (_cloud, processes, logOptions) => readLogs(api, clock, scope, processes, logOptions),
    connect: (_cloud, process, port) => connectTo(api, scope, process, port),
    nodes: createNodeControl(api, clock, scope, {
      async prepare(node, desired, context) {
        const run = runContext(options, api, desired, known);
        await cleanLeftBehind(run, node, context);
        await prepareNode(run, node, (await known()).cluster.imagePrefix, context);
      },
      clean: (node, desired, context) =>
        cleanLeftBehind(runContext(options, api, desired, known), node, context),
    }),
  };
}

function runContext(
  options: KubernetesEngineOptions,
  api: ClusterApi,
  desired: Desired,
  known: () => Promise<ClusterKnowledge>,
): RunContext {
  const { settings, clock } = options;
  const scope = { cloud: settings.cloud, namespace: settings.namespace };
  const archives = new Map<string, Promise<Buffer>>();
  const keeper = async () => (await findRunning(api, scope, ledgerOf(desired).process)).pod;
  const write = ledgerWriter(desired, async (command, how) =>
    captureCommand(api, await keeper(), command, how),
  );
  return {
    options,
    desired,
    api,
    scope,
    snapshots: createSnapshots(api, scope, clock),
    readScope: async (): Promise<CloudScope> => ({
      ...scope,
      groupVersions: (await known()).cluster.groupVersions,
    }),
    renderJob: async (job, identity) => renderJobObjects(job, identity, desired, (await known()).cluster),
    renderCleanPod: async (node, staying) => renderCleanPod(node, desired, (await known()).cluster, staying),
    isMissing: (image) => isMissing(options, api, desired.registry, image),
    saveImage: (image) => {
      const archive = archives.get(image.name) ?? options.saveImage(image, settings.registry ?? '');
      archives.set(image.name, archive);
      return archive;
    },
    schemas: new KeptSchemas(desired, options.schemas, async (command, how) =>
      runCommand(api, await keeper(), command, how),
    ),
    record: (entries, { signal }) => write(entries, signal),
  };
}

/** Which of these images nodes can take. */
async function listImages(
  { settings, listPublishedImages }: KubernetesEngineOptions,
  api: ClusterApi,
  registry: ImageRegistry | undefined,
  references: readonly string[],
): Promise<string[]> {
  const ask = (address: string) => listPublishedImages(references, address);
  if (registry) return listInRegistry(api, settings, registry, references, ask);
  if (settings.registry !== undefined) return ask(settings.registry);
  return imagesOnNodes(await readNodes(api), references);
}

/** Asked where a node cannot pull: what nodes say of it depends on how they are set up to reach the registry. */
async function isMissing(
  options: KubernetesEngineOptions,
  api: ClusterApi,
  registry: ImageRegistry | undefined,
  image: string,
): Promise<boolean> {
  const prefix = `${options.settings.registry}/`;
  if (options.settings.registry === undefined || !image.startsWith(prefix)) return false;
  const reference = image.slice(prefix.length);
  return listImages(options, api, registry, [reference]).then(
    (found) => !found.includes(reference),
    () => false,
  );
}
