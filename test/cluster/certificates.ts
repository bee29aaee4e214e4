// @peculiar/x509 injects its parts through tsyringe, which needs this polyfill to be there first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Authority } from '../../src/secrets/authority.ts';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const DAY = 24 * 60 * 60 * 1000;

/** Kubernetes reads a user from the common name and the user's groups from the organizations. */
export interface Subject {
  user: string;
  groups?: readonly string[];
  dns?: readonly string[];
  ip?: readonly string[];
}

export interface KeyPair {
  /** PEM */
  certificate: string;
  /** PEM (PKCS #8) */
  key: string;
}

/** A certificate of a year, good for a client and, where names are given, for a server. */
export async function issue(authority: Authority, subject: Subject, now: Date): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    PemConverter.decodeFirst(authority.key),
    CURVE,
    false,
    ['sign'],
  );
  const { dns = [], ip = [], groups = [] } = subject;
  const isServer = dns.length + ip.length > 0;
  const certificate = await X509CertificateGenerator.create(
    {
      subject: [...groups.map((group) => ({ O: [group] })), { CN: [subject.user] }],
      issuer: issuer.subject,
      notBefore: new Date(now.getTime() - DAY / 24),
      notAfter: new Date(now.getTime() + 365 * DAY),
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([
          ExtendedKeyUsage.clientAuth,
          ...(isServer ? [ExtendedKeyUsage.serverAuth] : []),
        ]),
        ...(isServer
          ? [
              new SubjectAlternativeNameExtension([
                ...dns.map((value) => ({ type: 'dns' as const, value })),
                ...ip.map((value) => ({ type: 'ip' as const, value })),
              ]),
            ]
          : []),
      ],
    },
    webcrypto,
  );
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
}

/** Signs and verifies the tokens of service accounts: PEM of the private key (PKCS #8) and of the public one. */
export async function createSigningKey(): Promise<{ private: string; public: string }> {
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const spki = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  return {
    private: await exportKey(keys.privateKey),
    public: `${PemConverter.encode(spki, 'PUBLIC KEY')}\n`,
  };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
