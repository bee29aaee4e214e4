import type { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { ObservedInstance } from '../model/observed.ts';
import type { Resources } from '../model/workload.ts';
import type { Cloud } from './cloud.ts';
import { readResources, shareCpus } from './resources.ts';

const processWith = (process: string, limits: Resources = {}) => ({
  service: 'a service',
  process,
  node: undefined,
  limits,
  uses: undefined,
});
const setOf = (whose: string, cpus: string | undefined) => ({
  path: [],
  process: 'nova-compute',
  whose,
  cpus,
});
const node = { cpus: [0, 1, 2, 3, 4, 5, 6, 7], numaNodes: [] };

test('CPUs of a node are shared out by the lists that processes and servers are kept on', () => {
  const shared = shareCpus(undefined, node, {
    processes: [
      processWith('rabbitmq', { cpuset: '2-3' }),
      processWith('ceph-osd-1', { cpuset: '0-1' }),
      processWith('mariadb', { cpuset: '2-3', memoryMiB: 512 }),
      processWith('nova-api'),
    ],
    sets: [setOf('servers with CPUs to themselves', '7,4-6')],
  });
  expect(shared.shares).toEqual([
    { cpus: '0-1', whose: ['ceph-osd-1'] },
    { cpus: '2-3', whose: ['rabbitmq', 'mariadb'] },
    { cpus: '4-7', whose: ['servers with CPUs to themselves'] },
  ]);
  expect(shared.elsewhere).toEqual({ processes: 1, others: [] });
});

test('what is kept on all CPUs has none of its own, and servers that nothing is said of neither', () => {
  const { shares, elsewhere } = shareCpus('node-1', node, {
    processes: [processWith('mariadb', { cpuset: '0-7', guaranteed: true }), processWith('nova-api')],
    sets: [setOf('servers', undefined)],
  });
  expect(shares).toEqual([]);
  expect(elsewhere).toEqual({ processes: 2, others: ['servers'] });
});

test('what a kubelet gave to a process is asked in its container; what is not told is said to be unknown', async () => {
  const instance = (workload: string, part: Partial<ObservedInstance>) =>
    ({
      id: `${workload}-x`,
      kind: 'process',
      service: workload,
      workload,
      ordinal: 0,
      state: 'running',
      health: 'healthy',
      node: 'node-1',
      ...part,
    }) as ObservedInstance;
  const instances = [
    instance('nova-compute', {}),
    instance('mariadb', { resources: { cpus: 1, memoryMiB: 512, guaranteed: true } }),
    instance('nova-compute', { id: 'other', ordinal: 1, node: 'node-2', health: 'unhealthy' }),
    instance('libvirt', {}),
    instance('nova-api', { state: 'created', health: 'none', node: undefined as never }),
  ];
  const asked: string[] = [];
  const cloud = {
    desired: {
      cloud: 'test',
      processes: [
        { name: 'mariadb', needs: {} },
        { name: 'nova-compute', needs: {} },
        { name: 'libvirt', needs: { hostCgroup: true } },
        { name: 'virtlogd', needs: { hostCgroup: true } },
      ],
    },
    look: async () => ({ instances }),
    config: {},
    services: [{ cpuSets: () => [setOf('servers with CPUs to themselves', '2-3')] }],
    engine: {
      readUsage: async () => ({
        instances: new Map([
          ['mariadb-x', { memoryMiB: 300, cpus: 0.1 }],
          // Of what is left in its container.
          ['libvirt-x', { memoryMiB: 1, cpus: 0 }],
        ]),
        unknown: ['node-2 does not tell'],
      }),
      exec: async (_cloud: string, target: string, [program]: string[], { stdout }: { stdout: Writable }) => {
        asked.push(`${target} ${program}`);
        stdout.write(program === 'sed' ? '1\n' : '0-3\nnode/node0/cpulist:0-3\n');
        return 0;
      },
    },
  } as unknown as Cloud;
  const { processes, nodes, unknown } = await readResources(cloud);
  expect(asked.sort()).toEqual(['mariadb.0 sed', 'mariadb.0 sh']);
  expect(processes.map(({ process, node, uses }) => [process, node, uses?.memoryMiB])).toEqual([
    ['nova-api', undefined, undefined],
    ['mariadb', 'node-1', 300],
    ['nova-compute-0', 'node-1', undefined],
    ['libvirt', 'node-1', undefined],
    ['nova-compute-1', 'node-2', undefined],
  ]);
  expect(nodes).toMatchObject([
    {
      node: 'node-1',
      cpus: [0, 1, 2, 3],
      shares: [
        { cpus: '1', whose: ['mariadb'] },
        { cpus: '2-3', whose: ['servers with CPUs to themselves'] },
      ],
      elsewhere: { processes: 2 },
    },
  ]);
  expect(unknown).toEqual([
    'node-2 does not tell',
    "not known is what these use, as they run outside of their containers' control groups: libvirt",
    'which CPUs node-2 has is not known: no process there answers',
  ]);
});
