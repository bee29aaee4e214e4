import { expect, test } from 'vitest';
import { findIdle } from './settings.ts';

const external = { interface: 'eth1', takeAddress: false };

test('an interface that no switch attaches is told of', () => {
  const paths = (isOn: boolean) =>
    findIdle({ network: { external } }, { isOn }).map(({ path }) => path.join('.'));
  expect(paths(false)).toEqual(['network.external.interface']);
  expect(paths(true)).toEqual(['network.external.nat']);
});
