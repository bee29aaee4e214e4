import { GantryError, messageOf } from '../errors.ts';

/** What is wrong with what a caller asks for, in one sentence: Docker shows it as it is. */
export function refusal(code: string, message: string, next?: string): GantryError {
  return new GantryError({ code: `volume.${code}`, whose: 'user', message, ...(next ? { next } : {}) });
}

/** What the cloud or the server does not do. */
export function failure(code: string, message: string, why?: string): GantryError {
  return new GantryError({
    code: `volume.${code}`,
    whose: 'environment',
    message,
    ...(why ? { why } : {}),
  });
}

/** All that an error says in one line, as Docker shows it to whoever waits for a container. */
export function inOneLine(thrown: unknown): string {
  const place =
    thrown instanceof GantryError && thrown.place
      ? `${thrown.place.file}:${thrown.place.line}:${thrown.place.column}`
      : undefined;
  const parts =
    thrown instanceof GantryError ? [place, thrown.message, thrown.why, thrown.next] : [messageOf(thrown)];
  return parts
    .filter((part) => part !== undefined && part !== '')
    .join(': ')
    .replace(/\s+/g, ' ');
}
