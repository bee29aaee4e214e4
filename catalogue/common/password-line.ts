import { passwordHash } from '../common/password-hash.ts';

/** A line of htpasswd with bcrypt, which is all that docker-registry takes. */
export function passwordLine(user: string, password: string): string {
  return `${user}:${passwordHash(password)}\n`;
}
