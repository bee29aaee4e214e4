import { expect, it } from 'vitest';
import { formatPackages } from './packages.ts';

it('names the source where it has another name', () => {
  expect(formatPackages('nova-api nova 2:31.0.0-6\nhaproxy haproxy 3.0.11\n')).toBe(
    'haproxy=3.0.11,nova-api:nova=2:31.0.0-6',
  );
});
