import { expect, test } from 'vitest';
import { describeNamespace } from './namespace.ts';

const settings = { cloud: 'blue', namespace: 'lab' };

test("a namespace with others' pods and data is not taken", () => {
  const many = ['coredns-1', 'coredns-2', 'a', 'b', 'c', 'd'];
  expect(describeNamespace(settings, undefined, many)).toMatchObject([
    { level: 'error', message: expect.stringContaining('(coredns-1, coredns-2, a, b, c and more)') },
  ]);
  expect(describeNamespace(settings, 'green', [])).toMatchObject([
    { level: 'error', message: 'lab is the namespace of the cloud green' },
  ]);
});

test("one that is empty or the cloud's own is; what others put there later is told of", () => {
  expect(describeNamespace(settings, undefined, [])).toEqual([]);
  expect(describeNamespace(settings, 'blue', [])).toEqual([]);
  expect(describeNamespace(settings, 'blue', ['shop-0'])).toMatchObject([{ level: 'warning' }]);
});
