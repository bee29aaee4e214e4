import { describe, expect, it } from 'vitest';
import { isLeftOver, nameOf } from './options.ts';

const hour = 3_600_000;
const begun = 1_800_000_000_000;

describe('isLeftOver', () => {
  it('spares a run that may be under way, and takes what an old one left', () => {
    const name = nameOf('ab12', begun);
    expect(isLeftOver(name, begun)).toBe(false);
    expect(isLeftOver(name, begun + hour / 4)).toBe(false);
    expect(isLeftOver(name, begun + hour)).toBe(true);
  });

  it('takes nothing that is not of verify', () => {
    expect(isLeftOver('production', begun)).toBe(false);
    expect(isLeftOver('gantry-verify-mine', begun)).toBe(false);
    expect(isLeftOver('my-gantry-verify-1-x', begun)).toBe(false);
  });
});
