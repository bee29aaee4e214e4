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
  /** The address or host name that users connect to; not checked where it is not known yet. */
  host: string | undefined;
  /** Dates are not checked without it. */
  clock?: Clock | undefined;
}

/** What is wrong with one of the two files. */
export interface CertificateFault {
  setting: 'certificate' | 'key';
  message: string;
  why?: string | undefined;
  next?: string | undefined;
}

/**
 * The certificate and key that cloud.yaml names, after checking that they can be read, belong together, are valid
 * now and cover the public host. Throws a GantryError that says which of it does not hold.
 */
export function loadGivenCertificate(given: GivenCertificate): IssuedCertificate {
  const [fault] = findCertificateFaults(given);
  if (fault) throw invalid(fault);
  const read = (path: string): string => endWithNewline(readFileSync(path, 'utf8'));
  return { chain: read(given.certificatePath), key: read(given.keyPath) };
}

/** Everything that is wrong with the two files. Nothing of the key is in it. */
export function findCertificateFaults(given: GivenCertificate): CertificateFault[] {
  const { certificatePath, keyPath, host, clock } = given;
  const chain = attempt('certificate', () => parseChain(readPem(certificatePath), certificatePath));
  const key = attempt('key', () => parseKey(readPem(keyPath), keyPath));
  if ('fault' in chain || 'fault' in key) {
    return [chain, key].flatMap((one) => ('fault' in one ? [one.fault] : []));
  }
  const [certificate] = chain.value;
  if (!certificate.checkPrivateKey(key.value)) {
    const message = `the key in ${keyPath} does not belong to the certificate in ${certificatePath}`;
    return [{ setting: 'key', message }];
  }
  const wrong =
    (clock && explainDates(certificate, certificatePath, clock())) ??
    (host === undefined ? undefined : explainHost(certificate, certificatePath, host)) ??
    explainOrder(chain.value, certificatePath);
  return wrong ? [{ setting: 'certificate', ...wrong }] : [];
}

type Wrong = Omit<CertificateFault, 'setting'>;

class Unusable extends Error {
  readonly wrong: Wrong;

  constructor(wrong: Wrong) {
    super(wrong.message);
    this.wrong = wrong;
  }
}

function attempt<T>(
  setting: CertificateFault['setting'],
  read: () => T,
): { value: T } | { fault: CertificateFault } {
  try {
    return { value: read() };
  } catch (thrown) {
    if (thrown instanceof Unusable) return { fault: { setting, ...thrown.wrong } };
    throw thrown;
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    const why = `The system says ${(thrown as NodeJS.ErrnoException).code}.`;
    throw new Unusable({ message: `cannot read ${path}`, why });
  }
}

function parseChain(text: string, path: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const [first, ...others] = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Unusable({ message: `certificate ${index + 1} in ${path} cannot be parsed` });
    }
  });
  if (first) return [first, ...others];
  throw new Unusable({
    message: `${path} holds no certificate`,
    why: 'It must be PEM: text with the line -----BEGIN CERTIFICATE-----.',
  });
}

function parseKey(text: string, path: string): KeyObject {
  if (/ENCRYPTED/.test(text)) {
    const next = 'Give the key without a passphrase.';
    throw new Unusable({ message: `the key in ${path} is encrypted`, next });
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw new Unusable({
      message: `${path} holds no private key`,
      why: 'It must be PEM: text with a line such as -----BEGIN PRIVATE KEY-----.',
    });
  }
}

function explainDates(certificate: X509Certificate, path: string, now: Date): Wrong | undefined {
  if (new Date(certificate.validFrom) > now) {
    return { message: `the certificate in ${path} is not valid before ${certificate.validFrom}` };
  }
  if (new Date(certificate.validTo) <= now) {
    return { message: `the certificate in ${path} expired on ${certificate.validTo}` };
  }
  return undefined;
}

/** Only alternative names count: today's clients no longer look at the subject. */
function explainHost(certificate: X509Certificate, path: string, host: string): Wrong | undefined {
  const covers = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' });
  if (covers !== undefined) return undefined;
  return {
    message: `the certificate in ${path} does not cover ${host}`,
    why: `It covers ${certificate.subjectAltName ?? 'no alternative name'}.`,
    next: 'Give a certificate for it, or set public.hostname to a name that is covered.',
  };
}

function explainOrder(chain: X509Certificate[], path: string): Wrong | undefined {
  const wrong = chain.slice(1).findIndex((issuer, index) => {
    const certificate = chain[index] as X509Certificate;
    return !certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey);
  });
  if (wrong < 0) return undefined;
  return {
    message: `certificate ${wrong + 2} in ${path} did not issue the one before it`,
    next: 'Put the certificate of the host first, then each with the one that issued it behind.',
  };
}

function invalid({ setting, message, why, next }: CertificateFault): GantryError {
  return new GantryError({
    code: 'config.certificate',
    whose: 'user',
    message: `public.${setting}: ${message}`,
    exitCode: ExitCode.invalidConfiguration,
    ...(why !== undefined && { why }),
    ...(next !== undefined && { next }),
  });
}

function endWithNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
