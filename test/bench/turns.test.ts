import { expect, test } from 'vitest';
import { takeTurns } from './turns.ts';

test('trees take turns, and what warms up does not count', async () => {
  const order: string[] = [];
  const measured = await takeTurns(['before', 'after'], { warmups: 1, runs: 3 }, async (tree, round) => {
    order.push(`${tree} ${round}`);
    return [round];
  });
  expect(order).toEqual([0, 1, 2, 3].flatMap((round) => [`before ${round}`, `after ${round}`]));
  expect(measured).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

test('a turn that fails is the last one', async () => {
  const order: string[] = [];
  const measuring = takeTurns(['before', 'after'], { warmups: 0, runs: 3 }, async (tree) => {
    order.push(tree);
    if (tree === 'after') throw new Error('no');
    return [];
  });
  await expect(measuring).rejects.toThrow('no');
  expect(order).toEqual(['before', 'after']);
});
