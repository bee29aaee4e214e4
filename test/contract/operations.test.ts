import { expect, test } from 'vitest';
import { loadBroughtCommands } from '../../src/cli/brought.ts';
import { commandSpecs } from '../../src/cli/specs.ts';
import { projectRoot } from '../../src/root.ts';

test('each rotation that services bring is a command of its own', async () => {
  const brought = await loadBroughtCommands(projectRoot());
  expect(brought.rotations.length).toBeGreaterThan(0);
  const rotate = commandSpecs(brought).find(({ name }) => name === 'rotate');
  const names = rotate && 'commands' in rotate ? rotate.commands.map(({ name }) => name) : [];
  expect(names).toEqual([...new Set(names)]);
  expect(names).toEqual(expect.arrayContaining(brought.rotations.map(({ name }) => name)));
});
