import { expect, test } from 'vitest';
import { loadBroughtCommands } from '../../src/cli/brought.ts';
import { commandSpecs } from '../../src/cli/specs.ts';
import { projectRoot } from '../../src/root.ts';

test.each([
  ['rotations', 'rotate'],
  ['collections', 'collect'],
] as const)('each of the %s that services bring is a command of its own', async (kind, command) => {
  const brought = await loadBroughtCommands(projectRoot());
  expect(brought[kind].length).toBeGreaterThan(0);
  const group = commandSpecs(brought).find(({ name }) => name === command);
  const names = group && 'commands' in group ? group.commands.map(({ name }) => name) : [];
  expect(names).toEqual([...new Set(names)]);
  expect(names).toEqual(expect.arrayContaining(brought[kind].map(({ name }) => name)));
});
