import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto';
import type { SecretNeed } from '../model/declaration.ts';

export type SecretKind = SecretNeed['kind'];
/** That many random bytes; `randomBytes` of node:crypto outside tests. */
export type Random = (bytes: number) => Uint8Array;

export interface SecretValue {
  kind: SecretKind;
  value: string;
  /** Of a key pair: the public key as in an authorized_keys file. */
  publicKey?: string;
  /** How often two logins with this password, or two keys, have taken turns; odd while the second login is in use. */
  turn?: number | undefined;
  /** Password of the other login, or the other key, while both are valid. */
  other?: string | undefined;
  /** The other was made anew, and is not in use everywhere, or not known to be. */
  changing?: true | undefined;
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PASSWORD_LENGTH = 32;

/**
 * A key of Ceph's is its type (1, AES), when it was made (seconds and nanoseconds, of which nothing is said here) and the
 * length of what follows, little-endian: CryptoKey::encode in src/auth/Crypto.cc of Ceph 18.
 */
const CEPHX_HEAD = Buffer.from('010000000000000000001000', 'hex');

const generators: { [K in SecretKind]: (random: Random) => Omit<SecretValue, 'kind'> } = {
  password: (random) => ({ value: password(random) }),
  fernet: (random) => ({ value: `${Buffer.from(random(32)).toString('base64url')}=` }),
  hex: (random) => ({ value: Buffer.from(random(32)).toString('hex') }),
  uuid: (random) => ({ value: uuid(random(16)) }),
  'ssh-ed25519': sshKeyPair,
  'ec-p256': (random) => ({ value: ecKey(random) }),
  cephx: (random) => ({ value: Buffer.concat([CEPHX_HEAD, random(16)]).toString('base64') }),
};

const shapes: { [K in SecretKind]: RegExp } = {
  password: /^[A-Za-z0-9]{32}$/,
  fernet: /^[A-Za-z0-9_-]{43}=$/,
  hex: /^[0-9a-f]{64}$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  'ssh-ed25519':
    /^-----BEGIN OPENSSH PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+\n-----END OPENSSH PRIVATE KEY-----\n$/,
  'ec-p256': /^-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+\n-----END PRIVATE KEY-----\n$/,
  cephx: /^AQA[A-Za-z0-9+/]{35}==$/,
};

export const secretKinds = Object.keys(shapes) as SecretKind[];

/**
 * A new secret: `password` has 32 letters and digits, `fernet` is 32 bytes in URL-safe base64 (the Fernet
 * specification's key), `hex` 32 bytes, `uuid` version 4 of RFC 9562, `ssh-ed25519` a key pair in OpenSSH's format,
 * `ec-p256` a private key of that curve as PKCS #8 in PEM, `cephx` a key of Ceph's own form in base64.
 */
export function generateSecret(kind: SecretKind, random: Random): SecretValue {
  return { kind, ...generators[kind](random) };
}

/** True where the value has the form of its kind. */
export function isWellFormed({ kind, value, publicKey, other }: SecretValue): boolean {
  if (!shapes[kind].test(value) || (other !== undefined && !shapes[kind].test(other))) return false;
  return kind !== 'ssh-ed25519' || /^ssh-ed25519 [A-Za-z0-9+/=]+$/.test(publicKey ?? '');
}

/** Bytes that would make some characters likelier than others are left out. */
function password(random: Random): string {
  const usable = 256 - (256 % LETTERS_AND_DIGITS.length);
  let text = '';
  while (text.length < PASSWORD_LENGTH) {
    for (const byte of random(PASSWORD_LENGTH)) {
      if (byte < usable) text += LETTERS_AND_DIGITS.charAt(byte % LETTERS_AND_DIGITS.length);
    }
  }
  return text.slice(0, PASSWORD_LENGTH);
}

function ecKey(random: Random): string {
  const curve = createECDH('prime256v1');
  // One in 2^32 numbers of this size is none of the curve's.
  for (;;) {
    try {
      curve.setPrivateKey(Buffer.from(random(32)));
      break;
    } catch {}
  }
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((one) => one.toString('base64url'));
  const d = curve.getPrivateKey().toString('base64url').padStart(43, 'A');
  const key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d, x, y }, format: 'jwk' });
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function uuid(bytes: Uint8Array): string {
  const versioned = Uint8Array.from(bytes);
  versioned[6] = ((versioned[6] ?? 0) & 0x0f) | 0x40;
  versioned[8] = ((versioned[8] ?? 0) & 0x3f) | 0x80;
  return Buffer.from(versioned)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Start of an Ed25519 private key in PKCS #8 (RFC 8410); the 32 bytes of the seed follow. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The private key as in openssh-key-v1 (OpenSSH's PROTOCOL.key), without a passphrase. */
function sshKeyPair(random: Random): Omit<SecretValue, 'kind'> {
  const seed = Buffer.from(random(32));
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const point = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  const publicBlob = Buffer.concat([sshString('ssh-ed25519'), sshString(point)]);
  const check = Buffer.from(random(4));
  const secretPart = Buffer.concat([
    check,
    check,
    publicBlob,
    sshString(Buffer.concat([seed, point])),
    sshString(''),
  ]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (secretPart.length % 8)) % 8);
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshString('none'),
    sshString('none'),
    sshString(''),
    Buffer.from([0, 0, 0, 1]),
    sshString(publicBlob),
    sshString(Buffer.concat([secretPart, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    value: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `ssh-ed25519 ${publicBlob.toString('base64')}`,
  };
}

function sshString(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
