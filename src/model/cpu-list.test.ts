import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatCpuList, normalCpuList, parseCpuList } from './cpu-list.ts';

test('a list has single numbers and ranges', () => {
  expect(parseCpuList('0-4,9')).toEqual([0, 1, 2, 3, 4, 9]);
  expect(parseCpuList('9,3,2-3')).toEqual([2, 3, 9]);
});

test.each(['', ',', '1,', '1-', '-1', '3-1', '0 1', '0, 1', '8192', '0-99999', '0-31:2/8', '0x1', 'all'])(
  '"%s" is no list',
  (text) => expect(parseCpuList(text)).toBeUndefined(),
);

test('the same set has one spelling, which says the same', () => {
  expect(normalCpuList('3,1-2,0,8')).toBe('0-3,8');
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 64 }), { minLength: 1 }), (numbers) => {
      const sorted = [...numbers].sort((a, b) => a - b);
      expect(normalCpuList(numbers.join(','))).toBe(formatCpuList(sorted));
      expect(parseCpuList(formatCpuList(sorted))).toEqual(sorted);
    }),
  );
});
