import { expect, test } from 'vitest';
import { renderCloud } from '../../test/contract/cloud.ts';
import { projectRoot } from '../root.ts';
import { loadCatalogue } from './catalogue.ts';

const catalogue = await loadCatalogue(projectRoot());

test('a process has what is said of it, else what is said of all others; one instance, what is said of that', () => {
  const { desired } = renderCloud(catalogue, {
    settings: {
      storage: { ceph: { volumes: 2 } },
      resources: {
        others: { cpuset: '1,0', numaNodes: 0 },
        mariadb: { cpuset: 2, memory: '512MiB' },
        'ceph-osd': { cpus: 1, memory: '2GiB' },
        'ceph-osd-2': { cpuset: '3', memory: '4GiB' },
      },
    },
  });
  const limits = Object.fromEntries(
    [...desired.processes, ...desired.jobs].map(({ name, resources }) => [name, resources]),
  );
  expect(limits).toMatchObject({
    'nova-api': { cpuset: '0-1', numaNodes: '0' },
    'nova-schema': { cpuset: '0-1', numaNodes: '0' },
    mariadb: { cpuset: '2', numaNodes: '0', memoryMiB: 512 },
    'ceph-osd-1': { cpuset: '0-1', numaNodes: '0', cpus: 1, memoryMiB: 2048 },
    'ceph-osd-2': { cpuset: '3', numaNodes: '0', cpus: 1, memoryMiB: 4096 },
  });
});
