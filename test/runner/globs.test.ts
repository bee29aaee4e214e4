import { expect, test } from 'vitest';
import { matches } from './globs.ts';

test.each([
  ['src/**', 'src/model/job.ts', true],
  ['src/**', 'src', false],
  ['src/**', 'other/src/a.ts', false],
  ['catalogue/*/images/**', 'catalogue/nova/images/nova/Dockerfile', true],
  ['catalogue/*/images/**', 'catalogue/nova/deep/images/Dockerfile', false],
  ['catalogue/{nova,ovn}/**', 'catalogue/ovn/service.ts', true],
  ['catalogue/{nova,ovn}/**', 'catalogue/neutron/service.ts', false],
  ['gantry', 'gantry', true],
  ['gantry', 'gantry.ts', false],
  ['a.b', 'axb', false],
])('%s and %s: %s', (glob, path, expected) => {
  expect(matches(glob, path)).toBe(expected);
});
