import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatSize,
  meantDuration,
  meantQuantity,
  meantSizes,
  mebibytes,
  parseDuration,
  parseQuantity,
  parseSize,
} from './units.ts';

describe('sizes', () => {
  test.each([
    ['512MiB', 536_870_912],
    ['2GiB', 2_147_483_648],
    ['1.5 GB', 1_500_000_000],
    ['1kB', 1000],
    ['0B', 0],
  ])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(['', '512', '512M', 'MiB', '-1MiB', '1 000MiB', '1e3MiB', '99999999TiB', '512mib'])(
    '"%s" is none',
    (text) => expect(parseSize(text)).toBeUndefined(),
  );

  test.each([
    ['512M', ['512MB', '512MiB']],
    ['512m', ['512MB', '512MiB']],
    ['512mb', ['512MB']],
    ['1.5 gib', ['1.5GiB']],
    ['2Ti', ['2TiB']],
    ['64K', ['64kB', '64KiB']],
    ['64KB', ['64kB', '64KiB']],
    ['512', []],
    ['much', []],
  ])('"%s" is meant as %j, all of which are sizes', (text, meant) => {
    expect(meantSizes(text)).toEqual(meant);
    for (const size of meant) expect(parseSize(size)).toBeDefined();
  });

  test('are rounded up to whole mebibytes', () => {
    expect(mebibytes('512MiB')).toBe(512);
    expect(mebibytes('1.5GiB')).toBe(1536);
    expect(mebibytes('1B')).toBe(1);
    expect(() => mebibytes('much')).toThrow(RangeError);
  });

  test('read back as they were written', () => {
    fc.assert(fc.property(fc.nat(), (bytes) => parseSize(formatSize(bytes)) === bytes));
  });
});

describe('durations', () => {
  test.each([
    ['24h', 86_400],
    ['90s', 90],
    ['1d12h', 129_600],
    ['1h30m', 5400],
    ['0s', 0],
  ])('%s is %d seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  test.each(['', '24', '24 h', '30m1h', '-1h', '1.5h', '1w'])('"%s" is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  test('read back as they were written', () => {
    fc.assert(fc.property(fc.nat(), (seconds) => parseDuration(formatDuration(seconds)) === seconds));
  });
});

describe('quantities of Kubernetes', () => {
  test.each([
    ['50Gi', 50 * 2 ** 30],
    ['1.5Ti', 1.5 * 2 ** 40],
    ['500G', 500e9],
    ['1e3', 1000],
    ['53687091200', 53_687_091_200],
    ['1500m', 2],
  ])('%s is %d bytes', (text, bytes) => expect(parseQuantity(text)).toBe(bytes));

  test.each(['', '50GiB', '50 Gi', 'Gi', '-1Gi', '1Gib'])('"%s" is none', (text) =>
    expect(parseQuantity(text)).toBeUndefined(),
  );
});

test.each([
  ['24 hours', '24h'],
  ['90sec', '90s'],
  ['30 min', '30m'],
  ['10 days', '10d'],
])('the duration "%s" is meant as %s', (text, meant) => {
  expect(meantDuration(text)).toEqual([meant]);
  expect(parseDuration(meant)).toBeDefined();
});

test('what is no duration is meant as none', () => {
  for (const text of ['10ms', '1 month', '1 year', 'soon']) expect(meantDuration(text)).toEqual([]);
});

test.each([
  ['50GiB', '50Gi'],
  ['50gi', '50Gi'],
  ['200GB', '200G'],
  ['64KB', '64k'],
  ['64kib', '64Ki'],
])('the quantity "%s" is meant as %s', (text, meant) => {
  expect(meantQuantity(text)).toEqual([meant]);
  expect(parseQuantity(meant)).toBeDefined();
});
