import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateSecret } from './generate.ts';
import { redact } from './redact.ts';

const random = (bytes: number) =>
  Uint8Array.from({ length: bytes }, (_, index) => (index * 37 + bytes) % 256);

test('a secret is replaced wherever it is, also inside URLs and JSON', () => {
  const { value } = generateSecret('fernet', random);
  const text = `key=${value} url=rabbit://nova:${encodeURIComponent(value)}@mq json=${JSON.stringify({ value })}`;
  expect(redact(text, [value])).toBe(
    'key=[redacted] url=rabbit://nova:[redacted]@mq json={"value":"[redacted]"}',
  );
});

test('every line of a private key is replaced', () => {
  const { value } = generateSecret('ssh-ed25519', random);
  const shown = redact(`saved ${value.slice(40)}`, [value]);
  for (const line of value.split('\n').filter((one) => one !== '' && !one.startsWith('-'))) {
    expect(shown).not.toContain(line);
  }
});

test('the longer of two secrets wins where one contains the other', () => {
  expect(redact('abcdefgh12345678', ['abcdefgh', 'abcdefgh12345678'])).toBe('[redacted]');
});

test('no password of the store is left in any text', () => {
  const password = fc.stringMatching(/^[A-Za-z0-9]{32}$/);
  fc.assert(
    fc.property(fc.string(), password, password, fc.string(), (before, one, other, after) => {
      const shown = redact(`${before}${one}${other}${one}${after}`, [one, other]);
      expect(shown).not.toContain(one);
      expect(shown).not.toContain(other);
    }),
  );
});

test('other text stays as it is', () => {
  const text = 'nothing to hide -----BEGIN CERTIFICATE-----\n';
  expect(redact(text, [])).toBe(text);
  expect(redact(text, [generateSecret('password', random).value, ''])).toBe(text);
});
