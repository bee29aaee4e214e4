import { expect, test } from 'vitest';
import { accountIn } from './account.ts';
import { isAbsent } from './pull.ts';
import { isRegistry } from './push.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('the account of a registry is the one of its host, with or without a path', () => {
  const config = JSON.stringify({
    auths: {
      'registry.example.org:5000': { auth: base64('puller:pass:word') },
      'https://old.example.org/v1/': { auth: base64('old:one') },
      'token.example.org': { identitytoken: 'opaque' },
      'helper.example.org': {},
    },
  });
  const account = { username: 'puller', password: 'pass:word' };
  expect(accountIn(config, 'registry.example.org:5000/cloud')).toEqual(account);
  expect(accountIn(config, 'registry.example.org:5000')).toEqual(account);
  expect(accountIn(config, 'registry.example.org')).toBeUndefined();
  expect(accountIn(config, 'old.example.org')).toEqual({ username: 'old', password: 'one' });
  expect(accountIn(config, 'token.example.org/a/b')).toEqual({ identitytoken: 'opaque' });
  expect(accountIn(config, 'helper.example.org')).toBeUndefined();
  expect(accountIn('{}', 'registry.example.org')).toBeUndefined();
});

test.each([
  [true, 'manifest for 127.0.0.1:5000/gantry/nova:abc not found: manifest unknown: manifest unknown'],
  [true, 'manifest unknown'],
  [true, 'failed to resolve reference "reg.example/gantry/nova:abc": reg.example/gantry/nova:abc: not found'],
  [false, 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused'],
  [false, 'Get "https://reg.example/v2/": dial tcp: lookup reg.example: no such host'],
  [false, "pull access denied for reg.example/nova, repository does not exist or may require 'docker login'"],
  [false, 'unauthorized: authentication required'],
])('that an image is missing is %s of: %s', (absent, message) => {
  expect(isAbsent(message)).toBe(absent);
});

test('a registry is told from an image by its host', () => {
  for (const word of ['registry.example.org', 'registry.example.org/cloud', 'box:5000', 'localhost/cloud']) {
    expect(isRegistry(word)).toBe(true);
  }
  for (const word of ['nova', 'nova-api', 'box/cloud']) expect(isRegistry(word)).toBe(false);
});
