import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from '../../test/contract/cloud.ts';
import { cpuSets, settings } from './settings.ts';

const setsOf = (compute: object) =>
  cpuSets(z.strictObject(settings).parse({ compute })).map(({ cpus, whose }) => `${whose}: ${cpus}`);

test('servers have the CPUs that are said of them, and any where nothing is said', () => {
  expect(setsOf({})).toEqual(['servers: undefined']);
  expect(setsOf({ cpuSharedSet: 3 })).toEqual(['servers: 3']);
  expect(setsOf({ cpuDedicatedSet: '4-7' })).toEqual(['servers with CPUs to themselves: 4-7']);
  expect(setsOf({ cpuDedicatedSet: '4-7', cpuSharedSet: '2,3' })).toEqual([
    'servers with CPUs to themselves: 4-7',
    'other servers: 2,3',
  ]);
});

test('Nova is told of them in the same words however they are written, and of none unless there are any', async () => {
  const catalogue = await loadCatalogue(projectRoot());
  const linesOf = (compute: object) => {
    const { processes } = renderCloud(catalogue, { settings: { compute } }).desired;
    const content = processes.find(({ name }) => name === 'nova-compute')?.files[0]?.content ?? '';
    return content.split('\n').filter((line) => /^(\[compute\]|cpu_\w+_set)/.test(line));
  };
  const filtersOf = (compute: object) =>
    renderCloud(catalogue, { settings: { compute } })
      .desired.processes.find(({ name }) => name === 'nova-scheduler')
      ?.files[0]?.content.match(/^enabled_filters = .*$/m)?.[0];
  expect(filtersOf({ cpuSharedSet: 3 })).toBeUndefined();
  expect(filtersOf({ cpuDedicatedSet: 3 })).toMatch(/,NUMATopologyFilter$/);
  expect(linesOf({})).toEqual([]);
  expect(linesOf({ cpuDedicatedSet: '6,4,5', cpuSharedSet: 3 })).toEqual([
    '[compute]',
    'cpu_dedicated_set = 4-6',
    'cpu_shared_set = 3',
  ]);
});
