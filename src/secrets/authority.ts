// @peculiar/x509 injects its parts through tsyringe, which needs this polyfill to be there first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { GantryError } from '../errors.ts';
import type { PrivateFiles } from './files.ts';

/** The time now; passed in, so that tests can travel. */
export type Clock = () => Date;

export interface Authority {
  /** PEM of the authority's own certificate, for those who are to trust it. */
  certificate: string;
  /** PEM of its private key (PKCS #8). */
  key: string;
}

/** Names a certificate is good for. */
export interface CertificateNames {
  dns: readonly string[];
  ip: readonly string[];
}

export interface IssuedCertificate {
  /** PEM of the certificate. The authority's own is not part of it: who trusts the authority has that. */
  chain: string;
  /** PEM of the private key (PKCS #8). */
  key: string;
}

export const AUTHORITY_FILE = 'authority.pem';
export const CERTIFICATE_FILE = 'public.pem';

const DAY = 24 * 60 * 60 * 1000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
/** Valid from a little before now, for those whose clock is behind. */
const BACKDATED = 60 * 60 * 1000;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** The cloud's certificate authority (EC P-256, 10 years), made at first and kept among the files from then on. */
export async function ensureAuthority(files: PrivateFiles, clock: Clock): Promise<Authority> {
  const kept = files.read(AUTHORITY_FILE);
  if (kept === undefined) {
    const authority = await createAuthority(clock);
    files.write(AUTHORITY_FILE, joinPem(authority.certificate, authority.key));
    return authority;
  }
  const path = join(files.directory, AUTHORITY_FILE);
  const { chain: certificate, key } = splitPem(kept) ?? {};
  if (!certificate || !key || !isCertificate(certificate) || !(await isKey(key))) {
    throw new GantryError({
      code: 'authority.damaged',
      whose: 'environment',
      message: `the certificate authority in ${path} is damaged`,
      next: 'Put the file back from a backup, or remove it: a new authority is made, which users must trust anew.',
    });
  }
  const { notAfter } = new X509Certificate(certificate);
  if (notAfter <= clock()) {
    throw new GantryError({
      code: 'authority.expired',
      whose: 'environment',
      message: `the certificate authority in ${path} expired on ${day(notAfter)}`,
      next: 'Remove the file: a new authority is made, which users must trust anew.',
    });
  }
  return { certificate, key };
}

/**
 * The certificate for these names kept among the files, or a new one where there is none, the names or the
 * authority have changed, or less than a third of its validity is left.
 */
export async function ensureCertificate(
  files: PrivateFiles,
  request: { authority: Authority; names: CertificateNames; clock: Clock },
): Promise<IssuedCertificate> {
  const kept = splitPem(files.read(CERTIFICATE_FILE) ?? '');
  if (kept && (await isStillGood(kept.chain, request))) return kept;
  return renewCertificate(files, request);
}

/** A new certificate for these names in place of the one kept among the files. */
export async function renewCertificate(
  files: PrivateFiles,
  request: { authority: Authority; names: CertificateNames; clock: Clock },
): Promise<IssuedCertificate> {
  const issued = await issueCertificate(request);
  files.write(CERTIFICATE_FILE, joinPem(issued.chain, issued.key));
  return issued;
}

/** A server certificate (EC P-256, one year, but no longer than the authority's own) and its private key. */
export async function issueCertificate({
  authority,
  names,
  clock,
}: {
  authority: Authority;
  names: CertificateNames;
  clock: Clock;
}): Promise<IssuedCertificate> {
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await importKey(authority.key);
  const keys = await generateKeys();
  const end = Math.min(clock().getTime() + CERTIFICATE_DAYS * DAY, issuer.notAfter.getTime());
  const certificate = await X509CertificateGenerator.create(
    {
      subject: [{ CN: [names.dns[0] ?? names.ip[0] ?? 'gantry'] }],
      issuer: issuer.subject,
      notBefore: backdated(clock),
      notAfter: new Date(end),
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: SIGNING,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension([
          ...names.dns.map((value) => ({ type: 'dns' as const, value })),
          ...names.ip.map((value) => ({ type: 'ip' as const, value })),
        ]),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { chain: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
}

async function createAuthority(clock: Clock): Promise<Authority> {
  const keys = await generateKeys();
  const suffix = Buffer.from(webcrypto.getRandomValues(new Uint8Array(4))).toString('hex');
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      // Two clouds' authorities may be trusted by the same client, which looks them up by name.
      name: [{ CN: [`Gantry authority ${suffix}`] }],
      notBefore: backdated(clock),
      notAfter: new Date(clock().getTime() + AUTHORITY_DAYS * DAY),
      keys,
      signingAlgorithm: SIGNING,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
}

async function isStillGood(
  chain: string,
  { authority, names, clock }: { authority: Authority; names: CertificateNames; clock: Clock },
): Promise<boolean> {
  if (!isCertificate(chain)) return false;
  const certificate = new X509Certificate(chain);
  const issuer = new X509Certificate(authority.certificate);
  const from = certificate.notBefore.getTime();
  const until = certificate.notAfter.getTime();
  const left = until - clock().getTime();
  if (left < (until - from) / 3) return false;
  const held = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  const wanted = [...names.dns.map((name) => `dns ${name}`), ...names.ip.map((ip) => `ip ${ip}`)];
  const isSame =
    held.length === wanted.length && held.every(({ type, value }) => wanted.includes(`${type} ${value}`));
  return isSame && certificate.verify({ publicKey: issuer.publicKey, date: clock() }, webcrypto);
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), CURVE, false, ['sign']);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== '';
  } catch {
    return false;
  }
}

function isKey(pem: string): Promise<boolean> {
  return Promise.resolve(pem)
    .then(importKey)
    .then(
      () => true,
      () => false,
    );
}

function joinPem(chain: string, key: string): string {
  return `${chain}${key}`;
}

/** The certificates and the key of a file that holds both, or undefined where one is missing. */
function splitPem(text: string): IssuedCertificate | undefined {
  const start = text.indexOf('-----BEGIN PRIVATE KEY-----');
  return start > 0 && text.includes('-----BEGIN CERTIFICATE-----')
    ? { chain: text.slice(0, start), key: text.slice(start) }
    : undefined;
}

function backdated(clock: Clock): Date {
  return new Date(clock().getTime() - BACKDATED);
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
