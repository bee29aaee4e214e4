import { expect, test } from 'vitest';
import { cloudSchema } from '../config/schema.ts';
import { certificateNames, serversAddress } from './facts.ts';

const engine = { publicAddresses: ['127.0.0.1'], hasExternalGateway: false };
const { network } = cloudSchema([]).parse({});

test('an address in the place of a host name stands in the certificate as an address: clients look there', () => {
  expect(
    certificateNames({ public: { address: '10.0.0.5', hostname: '192.0.2.7', ports: {} }, network }, engine),
  ).toEqual({
    dns: ['localhost'],
    ip: ['192.0.2.7', '10.0.0.5', '127.0.0.1'],
  });
  expect(
    certificateNames(
      { public: { address: '10.0.0.5', hostname: 'cloud.example.org', ports: {} }, network },
      engine,
    ),
  ).toEqual({ dns: ['localhost', 'cloud.example.org'], ip: ['10.0.0.5', '127.0.0.1'] });
  expect(certificateNames({ public: { address: '127.0.0.1', ports: {} }, network }, engine)).toEqual({
    dns: ['localhost'],
    ip: ['127.0.0.1'],
  });
});

test('servers reach what is published for them at the gateway, where the public address is a loopback', () => {
  const at = (address: string, hasExternalGateway: boolean) =>
    serversAddress({ public: { address, ports: {} }, network }, { hasExternalGateway });
  expect(at('127.0.0.1', true)).toBe('10.29.29.1');
  expect(at('127.0.0.1', false)).toBeUndefined();
  expect(at('10.0.0.5', true)).toBeUndefined();
  expect(
    certificateNames(
      { public: { address: '127.0.0.1', ports: {} }, network },
      { ...engine, hasExternalGateway: true },
    ).ip,
  ).toContain('10.29.29.1');
});
