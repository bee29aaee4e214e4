import { expect, test } from 'vitest';
import { process } from '../../../src/model/make.ts';
import type { Node } from '../api/objects.ts';
import { checkDeviceNodes } from './checks.ts';

const nodes = ['n1', 'n2'].map(
  (name): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `${name}.example.org`, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: {},
  }),
);

function disk(node: string) {
  return process({
    name: `disk-${node}`,
    instanceOf: 'disk',
    node,
    service: 'example',
    image: 'base',
    command: [],
    user: '0:0',
    health: { command: [], intervalSeconds: 1, timeoutSeconds: 1, startSeconds: 1, retries: 1 },
  });
}

test('a node that is to have devices is one of the cluster, by its host name', () => {
  expect(checkDeviceNodes(nodes, [disk('n1'), disk('n2')])).toEqual([]);
  expect(checkDeviceNodes(nodes, [disk('n1.example.org'), disk('n1.example.org')])).toMatchObject([
    {
      level: 'error',
      message:
        'no node has the label kubernetes.io/hostname=n1.example.org, and disk is to have a device of it',
    },
  ]);
});
