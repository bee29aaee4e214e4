import { expect, test } from 'vitest';
import type { Resources } from '../model/workload.ts';
import { shareCpus } from './resources.ts';

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
