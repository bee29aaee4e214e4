import { expect, test } from 'vitest';
import { certificateNames } from './facts.ts';

const engine = { publicAddresses: ['127.0.0.1'] };

test('an address in the place of a host name stands in the certificate as an address: clients look there', () => {
  expect(
    certificateNames({ public: { address: '10.0.0.5', hostname: '192.0.2.7', ports: {} } }, engine),
  ).toEqual({
    dns: ['localhost'],
    ip: ['192.0.2.7', '10.0.0.5', '127.0.0.1'],
  });
  expect(
    certificateNames({ public: { address: '10.0.0.5', hostname: 'cloud.example.org', ports: {} } }, engine),
  ).toEqual({ dns: ['localhost', 'cloud.example.org'], ip: ['10.0.0.5', '127.0.0.1'] });
  expect(certificateNames({ public: { address: '127.0.0.1', ports: {} } }, engine)).toEqual({
    dns: ['localhost'],
    ip: ['127.0.0.1'],
  });
});
