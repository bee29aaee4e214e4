import { expect, test } from 'vitest';
import { parsePlans } from './plan-table.ts';

test('the processor time of each case is read from the table', () => {
  const output = `gantry plan, the whole command: median of 3 runs
nodes  case                     seconds  of processor         ratio   MiB at most         steps
  500  from nothing                1.81          1.38          1.00           190           126
  500  one option changed          1.56          1.19          1.00           190             3
`;
  expect(parsePlans(output)).toEqual([
    { what: 'from nothing', processor: 1.38 },
    { what: 'one option changed', processor: 1.19 },
  ]);
});

test('anything else is refused', () => {
  expect(() => parsePlans('help  gantry --help\n')).toThrow(
    expect.objectContaining({ code: 'bench.unknown-output' }),
  );
});
