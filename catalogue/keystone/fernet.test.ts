import { expect, test } from 'vitest';
import { planFernetRotation } from './fernet.ts';

/** Keys after rotations at these times; `install` is when the first two were put there. */
function repository(install: number, rotations: number[], kept = 4): string {
  const keys = new Map([
    [0, install],
    [1, install],
  ]);
  let primary = 1;
  for (const at of rotations) {
    primary += 1;
    keys.set(primary, keys.get(0) as number);
    keys.set(0, at);
    const indices = [...keys.keys()].filter((index) => index > 0).sort((a, b) => a - b);
    for (const index of indices.slice(0, Math.max(0, indices.length + 1 - kept))) keys.delete(index);
  }
  return `${[...keys].map(([index, at]) => `${index} ${at}`).join('\n')}\n`;
}

test('nothing is dropped before there are as many keys as are kept', () => {
  expect(planFernetRotation(repository(1000, []), 4, 3600)).toEqual({
    decrypting: 1,
    dropped: undefined,
    safeFrom: 0,
  });
  expect(planFernetRotation(repository(1000, [2000]), 4, 3600)).toMatchObject({ dropped: undefined });
});

test('a key is dropped safely one lifetime of a token after it signed last', () => {
  // Key 1 signed until the first rotation, which made key 2 the one that signs.
  expect(planFernetRotation(repository(1000, [2000, 3000]), 4, 3600)).toEqual({
    decrypting: 2,
    dropped: 1,
    safeFrom: 2000 + 3600,
  });
  expect(planFernetRotation(repository(1000, [2000, 3000, 9000]), 4, 3600)).toMatchObject({
    dropped: 2,
    safeFrom: 3000 + 3600,
  });
  expect(planFernetRotation(repository(1000, [2000, 3000], 3), 3, 600)).toMatchObject({
    dropped: 2,
    safeFrom: 3000 + 600,
  });
});
