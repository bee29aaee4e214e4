import { expect, it } from 'vitest';
import { instancesOf } from './target.ts';

const all = [
  { process: 'nova-api', ordinal: 0 },
  { process: 'nova-api', ordinal: 1 },
  { process: 'keystone-api', ordinal: 0 },
];

it('finds the instances of a process, or the one with a number', () => {
  const find = (target: string) => instancesOf(target, { cloud: 'demo', kind: 'pod', all });
  expect(find('nova-api')).toEqual(all.slice(0, 2));
  expect(find('nova-api.1')).toEqual([all[1]]);
  expect(find('nova-api-1')).toEqual([all[1]]);
});

it('names the nearest process for one that there is not', () => {
  const find = (target: string, there: typeof all) => () =>
    instancesOf(target, { cloud: 'demo', kind: 'pod', all: there });
  expect(find('nova-pai', all)).toThrow(
    expect.objectContaining({
      code: 'process.unknown',
      message: 'The cloud demo has no pod of nova-pai',
      why: 'It has: keystone-api, nova-api',
      next: 'Did you mean nova-api?',
    }),
  );
  expect(find('nova-api.2', all)).toThrow(expect.objectContaining({ next: 'Did you mean nova-api?' }));
  expect(find('nova-api', [])).toThrow(expect.objectContaining({ why: 'It has no pods.' }));
});
