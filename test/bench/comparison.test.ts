import { expect, describe as group, test } from 'vitest';
import { type Comparison, collect, describe, median, ratioOf, tableHead, tableLine } from './comparison.ts';

const help = { row: 'help', what: '`gantry --help`', unit: 's' as const };

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 9, 1, 2])).toBe(5.5);
  expect(median([])).toBeNaN();
});

test('values are told with their range, to three digits or so', () => {
  expect(describe([0.104, 0.1, 0.11], 's')).toBe('0.10 s (0.10 to 0.11)');
  expect(describe([42.44, 41, 47.06], 's')).toBe('42.4 s (41.0 to 47.1)');
  expect(describe([2537, 2541], 'MiB')).toBe('2539 MiB (2537 to 2541)');
  expect(describe([], 's')).toBe('not measured');
});

group('lines of the table', () => {
  test('belong together by row and by what they are', () => {
    const [first, second] = [
      { ...help, value: 1 },
      { ...help, what: 'another', value: 5 },
    ];
    expect(collect([first, first, second], [{ ...help, value: 2 }])).toEqual([
      { ...help, before: [1, 1], after: [2] },
      { ...help, what: 'another', before: [5], after: [] },
    ]);
  });

  test('give before, after and their ratio', () => {
    const comparison: Comparison = { ...help, before: [1, 2, 4], after: [2, 3, 3] };
    expect(ratioOf(comparison)).toBe(1.5);
    expect(
      `${tableHead('v1.0', 'abc')}\n${tableLine(comparison, 'npm run bench -- compare v1.0 help')}`,
    ).toBe(
      `| What | Before: v1.0 | After: abc | Ratio | Runs of each | With |
|---|---|---|---|---|---|
| \`gantry --help\` | 2.00 s (1.00 to 4.00) | 3.00 s (2.00 to 3.00) | 1.50 | 3 | \`npm run bench -- compare v1.0 help\` |`,
    );
  });

  test('have no ratio where one side has nothing', () => {
    const line = tableLine({ ...help, before: [], after: [1] }, 'x');
    expect(line).toBe('| `gantry --help` | not measured | 1.00 s (1.00 to 1.00) |  | 0 and 1 | `x` |');
  });
});
