import { expect, test } from 'vitest';
import { courses } from './courses.ts';
import { chooseRows, LEAST_RUNS, parseRuns, rowNames } from './rows.ts';

test('rows are taken once each, in the order of the list', () => {
  expect(chooseRows(['images', 'help', 'images'], rowNames)).toEqual(['help', 'images']);
  expect(chooseRows(['up', 'all'], ['help', 'up'])).toEqual(['help', 'up']);
});

test('a wrong name is refused with the nearest one', () => {
  expect(() => chooseRows(['help', 'memroy'], rowNames)).toThrow(
    expect.objectContaining({
      message: 'There is no row "memroy"; did you mean "memory"?',
      next: expect.stringContaining('kube-up'),
      exitCode: 64,
    }),
  );
});

test('fewer runs than three are refused', () => {
  expect(parseRuns('12')).toBe(12);
  for (const wrong of ['2', '0', '-3', '3.5', 'many', '']) {
    expect(() => parseRuns(wrong), wrong).toThrow(expect.objectContaining({ exitCode: 64 }));
  }
});

test('every row is measured by one course, at least three times', () => {
  expect(courses.flatMap(({ rows }) => rows).sort()).toEqual([...rowNames].sort());
  for (const { runs } of courses) expect(runs).toBeGreaterThanOrEqual(LEAST_RUNS);
});
