import { expect, test } from 'vitest';
import type { ClusterApi } from '../api/client.ts';
import type { Node, Pod } from '../api/objects.ts';
import { Label } from '../names.ts';
import { commandFailure, lostAmong } from './lost.ts';

const pod = {
  metadata: { name: 'client-1', labels: { [Label.name]: 'client' } },
  spec: { nodeName: 'node-3', containers: [] },
  status: {},
} as unknown as Pod;

test.each([
  ['False', 'client is on the node node-3, which does not answer'],
  ['Unknown', 'client is on the node node-3, which does not answer'],
  ['True', 'sh could not be run in client'],
])('of a command in a pod whose node says %s of being ready', async (status, message) => {
  const node = { status: { conditions: [{ type: 'Ready', status }] } } as unknown as Node;
  const api = { request: async () => node } as unknown as ClusterApi;
  expect(await commandFailure(api, pod, 'sh', new Error('HTTP 500'))).toMatchObject({ message });
});

test.each([
  ['True', false],
  // Its kubelet says so itself: it still ends what it is told to.
  ['False', false],
  ['Unknown', true],
])('a pod whose node says %s of being ready is lost: %s', (status, lost) => {
  const node = {
    metadata: { name: 'node-3' },
    status: { conditions: [{ type: 'Ready', status }] },
  } as unknown as Node;
  expect(lostAmong([node])(pod)).toBe(lost);
});
