import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterApi, createClusterApi } from '../../engines/kubernetes/api/client.ts';
import { httpStatusOf } from '../../engines/kubernetes/api/failure.ts';
import { loadKubeConfig } from '../../engines/kubernetes/api/kubeconfig.ts';
import type { ApiWarning } from '../../engines/kubernetes/api/warnings.ts';
import type { KubernetesEngineOptions } from '../../engines/kubernetes/context.ts';
import { createKubernetesEngine } from '../../engines/kubernetes/engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { findPublished } from '../../src/images/published.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Job, Process } from '../../src/model/workload.ts';
import type { Plan } from '../../src/plan/step.ts';
import type { RunResult } from '../../src/run/runner.ts';
import { forever, image, noSchemas, perform, processOf } from './workloads.ts';

const clock = {
  now: Date.now,
  sleep: async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    await sleep(milliseconds, undefined, signal ? { signal } : {});
  },
};

export type ImageSources = Pick<
  KubernetesEngineOptions,
  'publishImage' | 'saveImage' | 'listPublishedImages' | 'listBuiltImages'
>;

export interface TestCloud {
  name: string;
  engine: Engine;
  api: ClusterApi;
  /** What steps said that they wait for. */
  waits: string[];
  /** What the API server warned of. */
  warnings: string[];
  plan(desired: Desired, options?: { force?: boolean }): Promise<Plan>;
  /** The steps of a plan with their causes, in words. */
  pending(desired: Desired): Promise<string[]>;
  /** Plans and runs; throws the first failure. */
  up(desired: Desired, options?: { force?: boolean; signal?: AbortSignal }): Promise<RunResult>;
  down(desired: Desired, volumes: boolean): Promise<RunResult>;
  /** Removes the namespace with all that is in it. */
  remove(): Promise<void>;
}

/**
 * A cloud of its own on the cluster of KUBECONFIG, whose images are in that registry already, unless `images` says
 * how they come there.
 */
export async function createTestCloud(
  name: string,
  {
    registry,
    stateDirectory,
    storageClass,
    volumeSizes = {},
    imagePullSecrets = [],
    images = {},
  }: {
    registry: string;
    stateDirectory: string;
    storageClass?: string;
    volumeSizes?: Record<string, string>;
    imagePullSecrets?: string[];
    images?: Partial<ImageSources>;
  },
): Promise<TestCloud> {
  const waits: string[] = [];
  const warnings: string[] = [];
  const onWarning = ({ text, request }: ApiWarning) => void warnings.push(`${text} (${request})`);
  const api = createClusterApi(await loadKubeConfig(process.env, undefined), { onWarning });
  const engine = await createKubernetesEngine({
    environment: process.env,
    context: undefined,
    settings: {
      cloud: name,
      namespace: name,
      registry,
      storageClass,
      sharedStorageClass: undefined,
      volumeSizes,
      imagePullSecrets,
      frontDoor: 'nodes',
    },
    buildImage: async () => {},
    publishImage: async () => {},
    saveImage: async () => Buffer.alloc(0),
    listPublishedImages: (references, asked) =>
      findPublished(references, { registry: asked, account: undefined }),
    listBuiltImages: async () => [],
    onWarning,
    ...images,
    runTask: async () => {},
    stateDirectory,
    schemas: noSchemas,
    clock,
  });
  const bring = (steps: Plan, desired: Desired, signal = new AbortController().signal) =>
    perform(engine, steps, desired, {
      emit: (event) => {
        if (event.type === 'step.waiting') waits.push(event.reason);
      },
      signal,
    });
  const plan: TestCloud['plan'] = (desired, options = {}) => engine.plan(desired, options);
  return {
    name,
    engine,
    api,
    waits,
    warnings,
    plan,
    pending: async (desired) => (await plan(desired)).steps.map(({ id, cause }) => `${id}: ${cause}`),
    async up(desired, { force = false, signal } = {}) {
      return bring(await plan(desired, { force }), desired, signal);
    },
    async down(desired, volumes) {
      return bring(await engine.planDown(desired, { volumes }), desired);
    },
    remove: () => removeNamespace(api, name),
  };
}

/** Removes a namespace with all that is in it, and waits until it is gone. */
export async function removeNamespace(api: ClusterApi, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  for (;;) {
    try {
      await api.request('DELETE', path);
    } catch (thrown) {
      if (httpStatusOf(thrown) === 404) return;
      // 409: it is being removed already.
      if (httpStatusOf(thrown) !== 409) throw thrown;
    }
    await sleep(500);
  }
}

export const keeper = processOf('keeper', forever, {
  volumes: [{ volume: 'ledger', path: '/data' }],
});

export function desiredOf(name: string, reference: string, processes: Process[], jobs: Job[] = []): Desired {
  return {
    cloud: name,
    images: [{ name: image, hash: '', reference, parents: [] }],
    networks: [],
    volumes: ['ledger'],
    processes: [keeper, ...processes],
    jobs,
    tasks: [],
    endpoints: [],
    ledger: {
      process: 'keeper',
      user: '913:913',
      read: ['sh', '-c', 'cat /data/ledger 2>/dev/null; true'],
      record: ['sh', '-c', 'cat >> /data/ledger'],
    },
    publicAddress: '127.0.0.1',
  };
}
