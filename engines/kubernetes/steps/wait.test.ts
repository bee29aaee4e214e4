import { expect, test } from 'vitest';
import type { StepContext } from '../../../src/engine/engine.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { Label } from '../names.ts';
import type { FoundWorkload } from '../observe/snapshots.ts';
import type { DesiredBundle } from '../plan/bundle.ts';
import type { RunContext } from './run-context.ts';
import { waitForBundle } from './wait.ts';

const bundle = { name: 'app', process: { health: { startSeconds: 10 }, replicas: 1 } } as DesiredBundle;
const context = { signal: new AbortController().signal, waiting: () => undefined } as unknown as StepContext;

function podOf(name: string, status: unknown): Pod {
  const labels = { [Label.name]: 'app', [Label.identity]: 'i' };
  return {
    metadata: { name, namespace: 'c', uid: name, labels },
    spec: { nodeName: 'node-1', containers: [{ name: 'main' }] },
    status,
  } as unknown as Pod;
}

function exited(restartCount: number): unknown {
  const state = { waiting: { reason: 'CrashLoopBackOff' } };
  return { containerStatuses: [{ name: 'main', restartCount, state }] };
}

const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

function daemonSet(pods: readonly Pod[]): FoundWorkload {
  const readyPods = pods.filter(({ status }) => status === ready).length;
  const template = { metadata: { labels: { [Label.identity]: 'i' } } };
  return {
    kind: 'DaemonSet',
    object: {
      metadata: { name: 'app', generation: 1, labels: { [Label.name]: 'app' } },
      spec: { template },
      status: {
        observedGeneration: 1,
        desiredNumberScheduled: 1,
        updatedNumberScheduled: 1,
        numberReady: readyPods,
      },
    },
  } as unknown as FoundWorkload;
}

/** A cluster with this pod; a new one is ready in its place when it is deleted. Notes what is deleted. */
function clusterOf(pod: Pod, deleted: string[]): RunContext {
  let pods = [pod];
  let time = 0;
  const request = async (_method: string, path: string) => {
    if (path.endsWith('/log')) return '';
    deleted.push(path.split('/').at(-1) as string);
    pods = [podOf('app-new', ready)];
    return {};
  };
  return {
    api: { request } as unknown as ClusterApi,
    snapshots: {
      pods: async () => pods,
      workloads: async () => [daemonSet(pods)],
      events: async () => [],
      nodes: async () => [],
    },
    options: {
      clock: {
        now: () => time,
        sleep: async (milliseconds: number) => {
          time += milliseconds;
        },
      },
    },
  } as unknown as RunContext;
}

test('a pod that had kept exiting before is replaced at once', async () => {
  const deleted: string[] = [];
  await waitForBundle(clusterOf(podOf('app-old', exited(4)), deleted), bundle, context);
  expect(deleted).toEqual(['app-old']);
});

test('a pod that has exited a few times is waited for', async () => {
  const deleted: string[] = [];
  const waited = waitForBundle(clusterOf(podOf('app-old', exited(3)), deleted), bundle, context);
  await expect(waited).rejects.toMatchObject({ code: 'process.not-healthy' });
  expect(deleted).toEqual([]);
});
