import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** Until all that is under way waits. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('lets one at a time, in their order, for each key', async () => {
  const turns = new Turns();
  const said: string[] = [];
  const open: Record<string, () => void> = {};
  const work = (name: string) => async () => {
    said.push(`${name} begins`);
    await new Promise<void>((resolve) => {
      open[name] = resolve;
    });
    said.push(`${name} ends`);
  };
  const first = turns.take('a', work('first'));
  const second = turns.take('a', work('second'));
  const other = turns.take('b', work('other'));
  await settle();
  expect(said).toEqual(['first begins', 'other begins']);
  open.other?.();
  await other;
  open.first?.();
  await first;
  await settle();
  expect(said).toEqual(['first begins', 'other begins', 'other ends', 'first ends', 'second begins']);
  open.second?.();
  await second;
});

it('goes on after one that failed', async () => {
  const turns = new Turns();
  const failed = turns.take('a', () => Promise.reject(new Error('broken')));
  const next = turns.take('a', async () => 'done');
  await expect(failed).rejects.toThrow('broken');
  expect(await next).toBe('done');
});
