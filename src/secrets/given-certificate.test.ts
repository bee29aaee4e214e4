import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureAuthority, issueCertificate } from './authority.ts';
import { filesIn } from './files.ts';
import { loadGivenCertificate } from './given-certificate.ts';

const issuedAt = new Date('2026-01-01T00:00:00Z');
const clock = () => issuedAt;
const names = { dns: ['*.example.org'], ip: ['192.0.2.7'] };

let directory: string;
let certificatePath: string;
let keyPath: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gantry-given-'));
  certificatePath = join(directory, 'cert.pem');
  keyPath = join(directory, 'key.pem');
  const authority = await ensureAuthority(filesIn(directory), clock);
  const { chain, key } = await issueCertificate({ authority, names, clock });
  writeFileSync(certificatePath, chain + authority.certificate);
  writeFileSync(keyPath, key);
});
afterEach(() => rmSync(directory, { recursive: true }));

const load = (changed: { host?: string; now?: string } = {}) =>
  loadGivenCertificate({
    certificatePath,
    keyPath,
    host: changed.host ?? '192.0.2.7',
    clock: () => new Date(changed.now ?? '2026-06-01T00:00:00Z'),
  });

test('a pair that is right is taken as it is, with the whole chain', () => {
  expect(load().chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect(() => load({ host: 'cloud.example.org' })).not.toThrow();
});

test('a host that is not covered is named, with what is', () => {
  expect(() => load({ host: '192.0.2.8' })).toThrow('does not cover 192.0.2.8');
  expect(() => load({ host: 'example.org' })).toThrow('does not cover example.org');
});

test('one that is expired or not valid yet is refused', () => {
  expect(() => load({ now: '2027-01-02T00:00:00Z' })).toThrow('expired on Jan  1 00:00:00 2027 GMT');
  expect(() => load({ now: '2025-01-02T00:00:00Z' })).toThrow('is not valid before');
});

test('a key of another certificate is refused', async () => {
  const authority = await ensureAuthority(filesIn(directory), clock);
  writeFileSync(keyPath, (await issueCertificate({ authority, names, clock })).key);
  expect(load).toThrow('does not belong to');
});

test('an encrypted key, other text and a missing file are told apart, and nothing of the key is shown', async () => {
  const { key } = await issueCertificate({
    authority: await ensureAuthority(filesIn(directory), clock),
    names,
    clock,
  });
  const encrypted = createPrivateKey(key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  writeFileSync(keyPath, encrypted);
  expect(load).toThrow('is encrypted');
  writeFileSync(keyPath, key.slice(60));
  expect(load).toThrow(`${keyPath} holds no private key`);
  rmSync(keyPath);
  expect(load).toThrow(`cannot read ${keyPath}`);
});

test('a file without a certificate or with a broken one is refused', () => {
  writeFileSync(certificatePath, 'hello');
  expect(load).toThrow('holds no certificate');
  writeFileSync(certificatePath, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  expect(load).toThrow('certificate 1 in');
});

test('a chain in the wrong order is refused', async () => {
  const authority = await ensureAuthority(filesIn(directory), clock);
  const one = await issueCertificate({ authority, names, clock });
  const other = await issueCertificate({ authority, names, clock });
  writeFileSync(certificatePath, one.chain + other.chain);
  writeFileSync(keyPath, one.key);
  expect(load).toThrow('did not issue the one before it');
});
