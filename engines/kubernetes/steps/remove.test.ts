import { expect, test } from 'vitest';
import type { ClusterApi, RequestOptions } from '../api/client.ts';
import { ApiFailure } from '../api/failure.ts';
import type { Node, Pod } from '../api/objects.ts';
import { Label } from '../names.ts';
import { removeBundle } from './remove.ts';
import type { RunContext } from './run-context.ts';

const context = { signal: new AbortController().signal, waiting: () => undefined };

/**
 * A cluster with one pod, which ends after so many seconds, if at all, while another one changes until then; commands
 * cannot be run in it. Notes what is to be deleted.
 */
function clusterOf(
  ready: string,
  deleted: string[],
  { endsAfter = Number.POSITIVE_INFINITY, movesUntil = 0 } = {},
): RunContext {
  const node = { metadata: { name: 'node-2' }, status: { conditions: [{ type: 'Ready', status: ready }] } };
  const pod = {
    metadata: {
      name: 'libvirt-x',
      namespace: 'c',
      uid: 'x',
      deletionTimestamp: '2026-01-01T00:00:00Z',
      labels: { [Label.name]: 'libvirt' },
      ownerReferences: [{ kind: 'DaemonSet', name: 'libvirt', controller: true }],
    },
    spec: { nodeName: 'node-2', containers: [{ name: 'main' }] },
    status: { containerStatuses: [{ name: 'main', state: { running: {} } }] },
  } as unknown as Pod;
  let time = 0;
  const request = async (method: string, path: string, { body }: RequestOptions = {}) => {
    if (method === 'DELETE') {
      const { gracePeriodSeconds } = body as { gracePeriodSeconds?: number };
      deleted.push(`${path.split('/').slice(-2).join('/')} ${gracePeriodSeconds ?? ''}`.trim());
      return {};
    }
    const other = { metadata: { uid: 'other', resourceVersion: String(Math.min(time, movesUntil * 1000)) } };
    if (path.endsWith('/pods')) return { items: time > 0 ? [pod, other] : [pod] };
    if (path.endsWith('/libvirt-x') && time < endsAfter * 1000) return pod;
    throw new ApiFailure(404, {}, path);
  };
  const clock = {
    now: () => time,
    sleep: async (milliseconds: number) => {
      time += milliseconds;
    },
  };
  return {
    api: { request } as unknown as ClusterApi,
    scope: { cloud: 'c', namespace: 'c' },
    snapshots: { nodes: async () => [node as unknown as Node] },
    options: { clock },
  } as unknown as RunContext;
}

const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'c', name: 'libvirt' };

test('a pod on a lost node is not asked to take its leave, and its end is not waited for', async () => {
  const deleted: string[] = [];
  const farewell = { command: ['end-servers'], timeoutSeconds: 10 };
  await removeBundle(
    clusterOf('Unknown', deleted),
    { name: 'libvirt', objects: [daemonSet], farewell },
    context,
  );
  expect(deleted).toEqual(['daemonsets/libvirt']);
});

test('the end of a pod on a node that answers is waited for', async () => {
  const removed = removeBundle(clusterOf('True', []), { name: 'libvirt', objects: [daemonSet] }, context);
  await expect(removed).rejects.toMatchObject({ code: 'kubernetes.not-gone' });
});

test('a cluster that is busy is waited for as long as anything moves', async () => {
  const busy = clusterOf('True', [], { endsAfter: 700, movesUntil: 650 });
  await removeBundle(busy, { name: 'libvirt', objects: [daemonSet] }, context);
  const stuck = clusterOf('True', [], { endsAfter: 700, movesUntil: 300 });
  await expect(removeBundle(stuck, { name: 'libvirt', objects: [daemonSet] }, context)).rejects.toMatchObject(
    {
      code: 'kubernetes.not-gone',
      message: 'Pod libvirt-x is not gone after 450 s, and nothing moves any more',
    },
  );
});

test('pods on a lost node do not hold the namespace', async () => {
  const deleted: string[] = [];
  const namespace = { apiVersion: 'v1', kind: 'Namespace', namespace: undefined, name: 'c' };
  await removeBundle(clusterOf('Unknown', deleted), { name: 'namespace', objects: [namespace] }, context);
  expect(deleted).toEqual(['namespaces/c', 'pods/libvirt-x 0']);
});
