import { expect, test } from 'vitest';
import type { ObservedInstance } from '../../../src/model/observed.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { resourcesOf } from './resources.ts';
import { readUsage } from './usage.ts';

const MIB = 2 ** 20;

/** An API server with these answers by path; all else is refused. */
const apiWith = (answers: Record<string, object>) =>
  ({
    request: async (_method: string, path: string) => {
      const answer = answers[path];
      if (!answer) throw new Error(`${path} is forbidden`);
      return answer;
    },
  }) as unknown as ClusterApi;

const pod = (id: string, node: string, state = 'running') => ({ id, node, state }) as ObservedInstance;
const pods = [pod('api-1', 'one'), pod('db-0', 'two'), pod('gone', 'three', 'exited')];

const summary = (name: string, namespace = 'cloud') => ({
  podRef: { name, namespace },
  containers: [{ cpu: { usageNanoCores: 25e7 }, memory: { workingSetBytes: 64 * MIB } }],
});
const kubelets = {
  '/api/v1/nodes/one/proxy/stats/summary': { pods: [summary('api-1'), summary('db-0', 'another')] },
  '/api/v1/nodes/two/proxy/stats/summary': { pods: [summary('db-0')] },
};
const usage = { memoryMiB: 64, cpus: 0.25 };

test('what pods use is told by the kubelets of the nodes that they run on', async () => {
  const { instances, unknown } = await readUsage(apiWith(kubelets), 'cloud', pods);
  expect(Object.fromEntries(instances)).toEqual({ 'api-1': usage, 'db-0': usage });
  expect(unknown).toEqual([]);
});

test('of a node that does not tell, the metrics server is asked', async () => {
  const path = '/apis/metrics.k8s.io/v1beta1/namespaces/cloud/pods';
  const metrics = {
    items: [
      { metadata: { name: 'db-0' }, containers: [{ usage: { cpu: '123000000n', memory: '102400Ki' } }] },
    ],
  };
  const one = { '/api/v1/nodes/one/proxy/stats/summary': { pods: [summary('api-1')] } };
  const { instances, unknown } = await readUsage(apiWith({ ...one, [path]: metrics }), 'cloud', pods);
  expect(Object.fromEntries(instances)).toEqual({ 'api-1': usage, 'db-0': { memoryMiB: 100, cpus: 0.123 } });
  expect(unknown).toEqual([]);
});

test('what nobody tells is said to be unknown, with the reason', async () => {
  const { instances, unknown } = await readUsage(apiWith({}), 'cloud', pods.slice(0, 1));
  expect(instances.size).toBe(0);
  expect(unknown).toEqual([
    'what pods of one use is not known: the kubelet does not tell (/api/v1/nodes/one/proxy/stats/summary is forbidden), and there is no metrics server',
  ]);
});

test('limits of a pod are read back in whatever words the cluster keeps them', () => {
  const limitsOf = (resources: object) =>
    resourcesOf({ spec: { containers: [{ name: 'main', image: 'image', resources }] } } as Pick<Pod, 'spec'>);
  const limits = { cpu: '1500m', memory: '1Gi' };
  expect(limitsOf({ limits, requests: { cpu: '20m', memory: '64Mi' } })).toEqual({
    cpus: 1.5,
    memoryMiB: 1024,
  });
  expect(limitsOf({ limits, requests: { cpu: '1.5', memory: '1024Mi' } })).toEqual({
    cpus: 1.5,
    memoryMiB: 1024,
    guaranteed: true,
  });
  expect(limitsOf({})).toEqual({});
});
