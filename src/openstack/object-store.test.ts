import { expect, test } from 'vitest';
import { temporaryUrl } from './object-store.ts';

test('a temporary URL is of the object of its project, whosever the endpoint is, and signed with SHA-256', () => {
  const url = temporaryUrl('https://192.0.2.1:8080/v1/AUTH_mine', {
    projectId: 'theirs',
    container: 'glance',
    name: 'an-image',
    key: 'a key',
    expires: 1_800_000_000,
  });
  // printf 'GET\n1800000000\n/v1/AUTH_theirs/glance/an-image' | openssl dgst -sha256 -hmac 'a key'
  const signature = '5661c9912cf76b5f3c451738e1f8fd620028452880f4c80103a1cb84e37dcd3d';
  expect(url).toBe(
    `https://192.0.2.1:8080/v1/AUTH_theirs/glance/an-image?temp_url_sig=${signature}&temp_url_expires=1800000000`,
  );
});
