import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { ExitCode, GantryError } from '../errors.ts';
import type { Clock, IssuedCertificate } from './authority.ts';

export interface GivenCertificate {
  /** Path of the PEM file with the certificate first, then any that lead to its authority. */
  certificatePath: string;
  /** Path of the PEM file with its private key. */
  keyPath: string;
  /** The address or host name that users connect to. */
  host: string;
  clock: Clock;
}

/**
 * The certificate and key that cloud.yaml names, after checking that they can be read, belong together, are valid
 * now and cover the public host. Throws a GantryError that says which of it does not hold.
 */
export function loadGivenCertificate(given: GivenCertificate): IssuedCertificate {
  const { certificatePath, keyPath, host, clock } = given;
  const chain = readPem(certificatePath, 'public.certificate');
  const key = readPem(keyPath, 'public.key');
  const [certificate, ...others] = parseChain(chain, certificatePath);
  if (!certificate)
    throw invalid(`${certificatePath} holds no certificate`, 'public.certificate must be PEM.');
  if (!certificate.checkPrivateKey(parseKey(key, keyPath))) {
    throw invalid(`the key in ${keyPath} does not belong to the certificate in ${certificatePath}`);
  }
  checkDates(certificate, certificatePath, clock());
  checkHost(certificate, certificatePath, host);
  checkOrder([certificate, ...others], certificatePath);
  return { chain: endWithNewline(chain), key: endWithNewline(key) };
}

function readPem(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw invalid(
      `cannot read ${path}`,
      `${setting}: the system says ${(thrown as NodeJS.ErrnoException).code}.`,
    );
  }
}

function parseChain(text: string, path: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw invalid(`certificate ${index + 1} in ${path} cannot be parsed`);
    }
  });
}

function parseKey(text: string, path: string): KeyObject {
  if (/ENCRYPTED/.test(text)) {
    throw invalid(`the key in ${path} is encrypted`, undefined, 'Give the key without a passphrase.');
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw invalid(`${path} holds no private key`, 'public.key must be PEM.');
  }
}

function checkDates(certificate: X509Certificate, path: string, now: Date): void {
  if (new Date(certificate.validFrom) > now) {
    throw invalid(`the certificate in ${path} is not valid before ${certificate.validFrom}`);
  }
  if (new Date(certificate.validTo) <= now) {
    throw invalid(`the certificate in ${path} expired on ${certificate.validTo}`);
  }
}

/** Only alternative names count: today's clients no longer look at the subject. */
function checkHost(certificate: X509Certificate, path: string, host: string): void {
  const covers = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' });
  if (covers === undefined) {
    throw invalid(
      `the certificate in ${path} does not cover ${host}`,
      `It covers ${certificate.subjectAltName ?? 'no alternative name'}.`,
      'Give a certificate for it, or set public.hostname to a name that is covered.',
    );
  }
}

function checkOrder(chain: X509Certificate[], path: string): void {
  for (const [index, issuer] of chain.slice(1).entries()) {
    const certificate = chain[index] as X509Certificate;
    if (certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)) continue;
    throw invalid(
      `certificate ${index + 2} in ${path} did not issue the one before it`,
      undefined,
      'Put the certificate of the host first, then each with the one that issued it behind.',
    );
  }
}

function invalid(message: string, why?: string, next?: string): GantryError {
  return new GantryError({
    code: 'config.certificate',
    whose: 'user',
    message,
    exitCode: ExitCode.invalidConfiguration,
    ...(why !== undefined && { why }),
    ...(next !== undefined && { next }),
  });
}

function endWithNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
