import { expect, test } from 'vitest';
import type { CloudResources } from '../cloud/resources.ts';
import { formatResources } from './resource-table.ts';

const resources: CloudResources = {
  processes: [
    {
      service: 'mariadb',
      process: 'mariadb',
      node: undefined,
      limits: { memoryMiB: 2048, cpus: 1.5, cpuset: '0', numaNodes: '0' },
      uses: { memoryMiB: 311.6, cpus: 0.0212 },
    },
    { service: 'nova', process: 'nova-api', node: undefined, limits: {}, uses: undefined },
  ],
  nodes: [
    {
      node: undefined,
      cpus: [0, 1],
      numaNodes: [],
      shares: [{ cpus: '0', whose: ['mariadb'] }],
      elsewhere: { processes: 1, others: ['servers'] },
    },
  ],
  unknown: ['the engine does not say what containers use: no answer'],
};

test('what processes may have and use stands before the picture of each node, and what is not known after it', () => {
  expect(
    formatResources(resources),
  ).toBe(`SERVICE  PROCESS   MEMORY   AT MOST  CPUS  AT MOST  RUNS ON  MEMORY OF NUMA
mariadb  mariadb   312 MiB  2.0 GiB  0.02  1.5      0        0
nova     nova-api

1 process uses 312 MiB and 0.02 CPUs

This machine:
CPU  0
     a.

   CPUS  KEPT FOR
a  0     mariadb
.  1     nobody

Kept nowhere: 1 process and servers, on any CPU that the node lets them have.

the engine does not say what containers use: no answer
`);
});

test('nodes are named where there are several, and a column that nothing is in is left out', () => {
  const [mariadb, api] = resources.processes as [
    CloudResources['processes'][0],
    CloudResources['processes'][0],
  ];
  const processes = [
    { ...mariadb, node: 'node-1', limits: { memoryMiB: 512, cpus: 2, guaranteed: true } },
    { ...api, node: 'node-2', uses: { memoryMiB: 100, cpus: undefined } },
  ];
  expect(formatResources({ processes, nodes: [], unknown: [] }).split('\n\n')[0]).toBe(
    `SERVICE  PROCESS   NODE    MEMORY   AT MOST  CPUS  AT MOST
mariadb  mariadb   node-1  312 MiB  512 MiB  0.02  2, guaranteed
nova     nova-api  node-2  100 MiB`,
  );
});

test('of a cloud that is not there nothing is used', () => {
  expect(formatResources({ processes: [], nodes: [], unknown: [] })).toBe(
    '0 processes use 0 MiB and 0.00 CPUs\n',
  );
});
