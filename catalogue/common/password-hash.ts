import { createHash } from 'node:crypto';
import { encodeBase64, hashSync } from 'bcryptjs';

/**
 * A password by bcrypt, which is all that some servers of HTTP take. The same password makes the same hash. It is long
 * and random: what makes guesses slow is left at its least, since each request pays for it.
 */
export function passwordHash(password: string): string {
  const salt = createHash('sha256').update(`salt of ${password}`).digest().subarray(0, 16);
  return hashSync(password, `$2b$04$${encodeBase64(salt, 16)}`);
}
