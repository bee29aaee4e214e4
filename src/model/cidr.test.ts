import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareAddresses,
  containsAddress,
  explainCidr,
  formatAddress,
  isHostAddress,
  nthAddress,
  overlaps,
  parseAddress,
  prefixOf,
  sizeOf,
} from './cidr.ts';

const anyAddress = fc.nat({ max: 2 ** 32 - 1 }).map(formatAddress);
const anyCidr = fc.tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.nat({ max: 32 })).map(([value, prefix]) => {
  const size = 2 ** (32 - prefix);
  return `${formatAddress(value - (value % size))}/${prefix}`;
});

describe('addresses', () => {
  test('read back as they were written', () => {
    fc.assert(fc.property(anyAddress, (address) => formatAddress(parseAddress(address) ?? -1) === address));
  });

  test.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', '::1', '1.2.3.a'])(
    '"%s" is none',
    (text) => expect(parseAddress(text)).toBeUndefined(),
  );

  test('are ordered by number', () => {
    expect(['10.0.0.10', '9.0.0.1', '10.0.0.9'].sort(compareAddresses)).toEqual([
      '9.0.0.1',
      '10.0.0.9',
      '10.0.0.10',
    ]);
  });
});

describe('networks', () => {
  test('have their size and addresses', () => {
    expect(prefixOf('10.29.28.0/24')).toBe(24);
    expect(sizeOf('10.29.28.0/22')).toBe(1024);
    expect(sizeOf('0.0.0.0/0')).toBe(2 ** 32);
    expect(nthAddress('10.29.29.0/24', 1)).toBe('10.29.29.1');
    expect(nthAddress('10.29.28.0/22', 256)).toBe('10.29.29.0');
    expect(nthAddress('255.255.255.0/24', -1)).toBe('255.255.255.255');
    expect(() => nthAddress('10.29.29.0/24', 256)).toThrow(RangeError);
    expect(() => nthAddress('10.29.29.0/24', -257)).toThrow(RangeError);
    expect(() => nthAddress('10.29.29.1/24', 1)).toThrow('the network is 10.29.29.0/24');
  });

  test('that are none are explained', () => {
    expect(explainCidr('10.0.0.0')).toMatch(/such as/);
    expect(explainCidr('10.0.0.0/33')).toMatch(/between/);
    expect(explainCidr('10.0.0.0/024')).toMatch(/prefix length/);
    expect(explainCidr('10.0.0.0/24/1')).toMatch(/such as/);
    expect(explainCidr('10.0.0.9/24')).toMatch('10.0.0.0/24');
    expect(explainCidr('10.0.0.0/24')).toBeUndefined();
  });

  test('contain exactly the addresses from the first to the last', () => {
    fc.assert(
      fc.property(anyCidr, anyAddress, (cidr, address) => {
        const inside =
          compareAddresses(nthAddress(cidr, 0), address) <= 0 &&
          compareAddresses(address, nthAddress(cidr, -1)) <= 0;
        expect(containsAddress(cidr, address)).toBe(inside);
      }),
    );
    expect(containsAddress('10.0.0.0/8', 'nonsense')).toBe(false);
  });

  test('overlap when one holds the first address of the other, and only then', () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, (one, other) => {
        const shared =
          containsAddress(one, nthAddress(other, 0)) || containsAddress(other, nthAddress(one, 0));
        expect(overlaps(one, other)).toBe(shared);
        expect(overlaps(other, one)).toBe(shared);
      }),
    );
    expect(overlaps('10.29.28.0/24', '10.29.29.0/24')).toBe(false);
    expect(overlaps('10.29.28.0/23', '10.29.29.0/24')).toBe(true);
  });

  test('give hosts neither the first nor the last address, unless they have only two', () => {
    expect(isHostAddress('10.0.0.0/24', '10.0.0.0')).toBe(false);
    expect(isHostAddress('10.0.0.0/24', '10.0.0.255')).toBe(false);
    expect(isHostAddress('10.0.0.0/24', '10.0.0.254')).toBe(true);
    expect(isHostAddress('10.0.0.0/31', '10.0.0.0')).toBe(true);
    expect(isHostAddress('10.0.0.0/24', '10.0.1.1')).toBe(false);
  });
});
