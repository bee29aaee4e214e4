import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { expect, test } from 'vitest';
import { parseNodeCpus, tellNodeCpus, tellOwnCpus } from './node-cpus.ts';

const runHere = ([program, ...words]: readonly [string, ...string[]]) =>
  execFileSync(program, words, { encoding: 'utf8' });

test('CPUs of a node are those that are online, by NUMA node', () => {
  const text = '0-7\nnode/node10/cpulist:4-7\nnode/node2/cpulist:0-3\n';
  expect(parseNodeCpus(text)).toEqual({
    cpus: [0, 1, 2, 3, 4, 5, 6, 7],
    numaNodes: [
      { number: 2, cpus: [0, 1, 2, 3] },
      { number: 10, cpus: [4, 5, 6, 7] },
    ],
  });
  expect(parseNodeCpus('0,2\n')).toEqual({ cpus: [0, 2], numaNodes: [] });
  expect(parseNodeCpus('cat: cpu/online: No such file or directory')).toBeUndefined();
  expect(parseNodeCpus('')).toBeUndefined();
});

test('this machine tells its CPUs, and which of them this process may run on', () => {
  expect(parseNodeCpus(runHere(tellNodeCpus))?.cpus).toHaveLength(cpus().length);
  expect(runHere(tellOwnCpus)).toMatch(/^[\d,-]+\n$/);
});
