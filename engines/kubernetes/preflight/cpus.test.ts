import { expect, test } from 'vitest';
import { process } from '../../../src/model/make.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Node } from '../api/objects.ts';
import { checkCpuSets, findOnNode } from './cpus.ts';

const node = (name: string, cpu: string, role = 'compute'): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { [`gantry.org/${role}`]: '' } },
  spec: {},
  status: { capacity: { cpu } },
});
const set = (key: string, cpus: string | undefined) => ({
  path: ['compute', key],
  cpus,
  whose: 'servers',
  process: 'nova-compute',
});
const sets = [set('cpuDedicatedSet', '4-7'), set('cpuSharedSet', '2-3')];
const messagesOf = (findings: { level: string; message: string }[]) =>
  findings.map(({ level, message }) => `${level}: ${message}`);

test('CPUs that a node does not have are told of, where it has fewer', () => {
  expect(findOnNode(node('n1', '8'), sets, undefined)).toEqual([]);
  expect(messagesOf(findOnNode(node('n1', '6'), sets, undefined))).toEqual([
    'warning: compute.cpuDedicatedSet has 6-7, and n1 has 6 CPUs: unless some are switched off, it runs no servers',
  ]);
});

test('a kubelet that gives pods CPUs of their own must not have those of servers', () => {
  const findings = (kubelet: object) => messagesOf(findOnNode(node('n1', '8'), sets, kubelet));
  expect(findings({ cpuManagerPolicy: 'none' })).toEqual([]);
  expect(findings({ cpuManagerPolicy: 'static', reservedSystemCPUs: '0,2-7' })).toEqual([]);
  expect(findings({ cpuManagerPolicy: 'static', reservedSystemCPUs: '0-4' })).toEqual([
    'warning: the kubelet of n1 may give pods CPUs of their own out of 5-7, which compute.cpuDedicatedSet and compute.cpuSharedSet have for servers',
  ]);
});

test('only nodes that servers run on are looked at, and those that may not be asked pass', async () => {
  const asked: string[] = [];
  const api = {
    request: async (_method: string, path: string) => {
      asked.push(path);
      throw new Error('forbidden');
    },
  } as unknown as ClusterApi;
  const compute = process({
    name: 'nova-compute',
    service: 'nova',
    image: 'nova-compute',
    command: [],
    user: '0:0',
    health: { command: [], intervalSeconds: 1, timeoutSeconds: 1, startSeconds: 1, retries: 1 },
    on: ['compute'],
  });
  const nodes = [node('n1', '8'), node('n2', '2', 'control')];
  expect(await checkCpuSets(api, nodes, sets, [compute])).toEqual([]);
  expect(asked).toEqual(['/api/v1/nodes/n1/proxy/configz']);
  expect(await checkCpuSets(api, nodes, [set('cpuSharedSet', undefined)], [compute])).toEqual([]);
  expect(asked).toHaveLength(1);
});
