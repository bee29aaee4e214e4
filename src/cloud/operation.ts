import { listNames, suggest } from '../config/nearest.ts';
import { usageError } from '../errors.ts';

/**
 * The operation of this name among those that the services of a cloud bring: services that are off bring none. Throws
 * `usage` with the nearest name.
 * @param words what services do with what has the name, and what all of it is called
 */
export function findOperation<T extends { name: string }>(
  operations: readonly T[],
  name: string,
  words: { verb: string; all: string },
): T {
  const found = operations.find((one) => one.name === name);
  if (found) return found;
  const valid = operations.map((one) => one.name);
  throw usageError(`no service of the cloud ${words.verb} "${name}"${suggest(name, valid)}`, {
    why: listNames(words.all, valid),
  });
}
