import { createHash } from 'node:crypto';
import { encodeBase64, hashSync } from 'bcryptjs';

/**
 * A line of htpasswd with bcrypt, which is all that docker-registry takes. The same password makes the same line. It is
 * long and random: what makes guesses slow is left at its least, since each request pays for it.
 */
export function passwordLine(user: string, password: string): string {
  const salt = createHash('sha256').update(`salt of ${password}`).digest().subarray(0, 16);
  return `${user}:${hashSync(password, `$2b$04$${encodeBase64(salt, 16)}`)}\n`;
}
