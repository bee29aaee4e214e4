import { expect, test } from 'vitest';
import { process } from '../../../src/model/make.ts';
import type { Needs } from '../../../src/model/workload.ts';
import type { Node } from '../api/objects.ts';
import { checkDeviceNodes, checkWithheldDevices } from './checks.ts';

const nodes = ['n1', 'n2'].map(
  (name): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `${name}.example.org`, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: {},
  }),
);

const common = {
  service: 'example',
  image: 'base',
  command: [],
  user: '0:0',
  health: { command: [], intervalSeconds: 1, timeoutSeconds: 1, startSeconds: 1, retries: 1 },
};

function disk(node: string) {
  return process({ ...common, name: `disk-${node}`, instanceOf: 'disk', node });
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

test('an optional device that a process is never given is told of', () => {
  const withheld = (needs: Needs) =>
    checkWithheldDevices([process({ ...common, name: 'mounter', needs })]).map(({ check }) => check);
  const fuse = { device: 'fuse', optional: true } as const;
  expect(checkWithheldDevices([process({ ...common, name: 'mounter', needs: { devices: [fuse] } })])).toEqual(
    [
      {
        check: 'device: fuse',
        level: 'warning',
        message: expect.stringContaining('mounter is not given it'),
      },
    ],
  );
  expect(withheld({ devices: [fuse], hostCgroup: true })).toEqual([]);
  expect(withheld({ devices: [fuse, { block: '/dev/sdx' }] }), 'with all privileges').toEqual([]);
  expect(withheld({ devices: [{ device: 'tun', optional: true }], hostCgroup: true })).toEqual([
    'device: tun',
  ]);
  expect(withheld({ devices: [{ device: 'tun' }] })).toEqual([]);
});
