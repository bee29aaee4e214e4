import { expect, test } from 'vitest';
import type { ClusterApi, RequestOptions } from '../api/client.ts';
import type { KubeObject } from '../api/objects.ts';
import { Label } from '../names.ts';
import type { Live } from './live.ts';
import { readRollouts } from './rollouts.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

function daemonSet(name: string, ready: number): KubeObject {
  const labels = { [Label.name]: name };
  const spec = { template: { metadata: { labels }, spec: { containers: [] } } };
  const status = { desiredNumberScheduled: 500, updatedNumberScheduled: 500, numberReady: ready };
  return { metadata: { name, labels }, spec, status } as KubeObject;
}

function liveOf(...objects: KubeObject[]): Live {
  const entry = (object: KubeObject) => {
    const ref = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'c', name: object.metadata.name };
    return [`DaemonSet/${ref.name}`, { ref, object }] as const;
  };
  return { objects: new Map(objects.map(entry)) };
}

/** A cluster in which no pod is ready; notes what was listed. */
function notReady(listed: string[]): ClusterApi {
  const request = async (_method: string, path: string, options: RequestOptions = {}) => {
    const selector = options.query?.labelSelector;
    listed.push(`${path.split('/').at(-1)} ${selector ?? ''}`.trim());
    const { metadata } = daemonSet('openvswitch', 0);
    const pod = { metadata: { ...metadata, name: 'openvswitch-x', uid: 'x' }, spec: { containers: [] } };
    const event = { metadata: { name: 'e' }, reason: 'FailedMount', message: 'no such secret' };
    const items = path.endsWith('/pods')
      ? [{ ...pod, status: { phase: 'Pending' } }]
      : [{ ...event, involvedObject: { kind: 'Pod', uid: 'x' } }];
    return { items };
  };
  return { request } as unknown as ClusterApi;
}

const input = { desired: { processes: [] }, scope: { cloud: 'c', namespace: 'c' }, nodes: [], now };

test('of what is ready no pod is looked at', async () => {
  const listed: string[] = [];
  const live = liveOf(daemonSet('libvirt', 500), daemonSet('openvswitch', 500));
  const rollouts = await readRollouts(notReady(listed), { ...input, live });
  expect(Object.values(rollouts).map(({ ready }) => ready)).toEqual([true, true]);
  expect(listed).toEqual([]);
});

test('of what is not ready its pods say why', async () => {
  const listed: string[] = [];
  const live = liveOf(daemonSet('libvirt', 500), daemonSet('openvswitch', 499));
  const rollouts = await readRollouts(notReady(listed), { ...input, live });
  expect(rollouts.libvirt?.ready).toBe(true);
  expect(rollouts.openvswitch?.detail).toBe(
    '499 of 500 openvswitch pods ready; openvswitch-x: no such secret',
  );
  expect(listed).toEqual([`pods ${Label.cloud}=c,${Label.name} in (openvswitch)`, 'events']);
});
