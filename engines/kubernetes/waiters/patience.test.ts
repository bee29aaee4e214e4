import { expect, test } from 'vitest';
import { Patience } from './patience.ts';

/** How many seconds a wait of a limit of 180 s lasts while something moves until then. */
async function lasts(moving: number): Promise<number> {
  let now = 0;
  let read = 0;
  const patience = new Patience({ now: () => now }, 180, async () => {
    read += 1;
    return String(Math.min(now, moving * 1000));
  });
  while (!(await patience.isOver())) now += 300;
  expect(patience.waited).toBe(Math.round(now / 1000));
  expect(read).toBeLessThanOrEqual(now / 90_000 + 1);
  return patience.waited;
}

test('where nothing moves the wait ends after its limit', async () => {
  expect(await lasts(0)).toBe(180);
});

test.each([100, 300, 1000])(
  'while something moves for %i s the wait goes on, and ends within the limit after',
  async (moving) => {
    const seconds = await lasts(moving);
    expect(seconds).toBeGreaterThan(moving);
    expect(seconds).toBeLessThanOrEqual(moving + 181);
  },
);

test('what never comes to an end is not waited for forever', async () => {
  expect(await lasts(Number.POSITIVE_INFINITY)).toBe(1800);
});
