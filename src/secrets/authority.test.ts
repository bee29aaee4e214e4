import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AUTHORITY_FILE, CERTIFICATE_FILE, ensureAuthority, ensureCertificate } from './authority.ts';
import { filesIn } from './files.ts';

const start = new Date('2026-01-01T00:00:00Z');
const daysLater = (days: number) => () => new Date(start.getTime() + days * 24 * 60 * 60 * 1000);
const now = daysLater(0);
const names = { dns: ['cloud.example.org'], ip: ['127.0.0.1', '192.0.2.7'] };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gantry-authority-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the authority', () => {
  test('is made once, for ten years, closed to others', async () => {
    const first = await ensureAuthority(filesIn(directory), now);
    expect(await ensureAuthority(filesIn(directory), daysLater(3000))).toEqual(first);
    const certificate = new X509Certificate(first.certificate);
    expect(certificate.ca).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(first.key))).toBe(true);
    expect(new Date(certificate.validTo).toISOString()).toBe('2035-12-30T00:00:00.000Z');
    expect(statSync(join(directory, AUTHORITY_FILE)).mode & 0o777).toBe(0o600);
  });

  test('that is damaged or expired is not replaced behind the back of those who trust it', async () => {
    await ensureAuthority(filesIn(directory), now);
    await expect(ensureAuthority(filesIn(directory), daysLater(3651))).rejects.toMatchObject({
      code: 'authority.expired',
    });
    const path = join(directory, AUTHORITY_FILE);
    const half = readFileSync(path, 'utf8').slice(0, 700);
    writeFileSync(path, half);
    await expect(ensureAuthority(filesIn(directory), now)).rejects.toMatchObject({
      code: 'authority.damaged',
    });
    expect(readFileSync(path, 'utf8')).toBe(half);
  });
});

describe('the public certificate', () => {
  const ensure = async (clock = now, wanted = names) =>
    ensureCertificate(filesIn(directory), {
      authority: await ensureAuthority(filesIn(directory), clock),
      names: wanted,
      clock,
    });

  test('is signed by the authority, covers all names and fits its key', async () => {
    const authority = new X509Certificate((await ensureAuthority(filesIn(directory), now)).certificate);
    const { chain, key } = await ensure();
    const certificate = new X509Certificate(chain);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.checkHost('cloud.example.org')).toBe('cloud.example.org');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(certificate.checkIP('192.0.2.8')).toBeUndefined();
    expect(certificate.ca).toBe(false);
    expect(statSync(join(directory, CERTIFICATE_FILE)).mode & 0o777).toBe(0o600);
  });

  test('is kept until less than a third of its year is left', async () => {
    const first = await ensure();
    expect(await ensure(daysLater(240))).toEqual(first);
    const renewed = await ensure(daysLater(250));
    expect(renewed).not.toEqual(first);
    expect(await ensure(daysLater(250))).toEqual(renewed);
  });

  test('is made again when the names or the authority change', async () => {
    const first = await ensure();
    const renamed = await ensure(now, { ...names, dns: ['other.example.org'] });
    expect(renamed).not.toEqual(first);
    rmSync(join(directory, AUTHORITY_FILE));
    expect(await ensure(now, { ...names, dns: ['other.example.org'] })).not.toEqual(renamed);
  });

  test('is made again when its file is damaged', async () => {
    const first = await ensure();
    writeFileSync(join(directory, CERTIFICATE_FILE), first.chain.replaceAll('A', 'B') + first.key);
    expect(new X509Certificate((await ensure()).chain).checkIP('127.0.0.1')).toBe('127.0.0.1');
  });

  test('never outlives the authority', async () => {
    const { chain } = await ensure(daysLater(0));
    expect(new Date(new X509Certificate(chain).validTo).getTime()).toBe(daysLater(365)().getTime());
    const late = await ensure(daysLater(3600));
    expect(new Date(new X509Certificate(late.chain).validTo).getTime()).toBe(daysLater(3650)().getTime());
  });

  const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;
  test.runIf(hasOpenssl)('passes the strict checks of OpenSSL, which Python uses by default', async () => {
    const { chain } = await ensure();
    const leaf = join(directory, 'leaf.pem');
    writeFileSync(leaf, chain);
    const verify = (host: string) =>
      spawnSync(
        'openssl',
        [
          'verify',
          '-x509_strict',
          '-purpose',
          'sslserver',
          '-verify_hostname',
          host,
          '-attime',
          String(start.getTime() / 1000),
          '-CAfile',
          join(directory, AUTHORITY_FILE),
          leaf,
        ],
        { encoding: 'utf8' },
      );
    const good = verify('cloud.example.org');
    expect(good.stdout + good.stderr).toContain('OK');
    expect(verify('elsewhere.example.org').status).not.toBe(0);
  });
});
