import { nearestName } from '../config/nearest.ts';
import { GantryError } from '../errors.ts';

/** What an engine runs processes in, in its own words. */
type Kind = 'container' | 'pod';

/**
 * The instances that `nova-api`, or `nova-api-1` or `nova-api.1`, means, of those that a cloud has; one at least.
 * Throws `process.unknown`.
 */
export function instancesOf<T extends { process: string; ordinal: number }>(
  target: string,
  { cloud, kind, all }: { cloud: string; kind: Kind; all: readonly T[] },
): [T, ...T[]] {
  const [, process, ordinal] = /^(.+)[.-](\d+)$/.exec(target) ?? [];
  const [first, ...others] = all.filter(
    (one) => one.process === target || (one.process === process && one.ordinal === Number(ordinal)),
  );
  if (first) return [first, ...others];
  const known = all.map((one) => one.process);
  throw unknownProcess(target, { cloud, kind, known });
}

/** The error for a process whose instances are all stopped. */
export function notRunning(target: string, process: string, why: string): GantryError {
  return new GantryError({
    code: 'process.not-running',
    whose: 'environment',
    message: `${target} is not running`,
    why,
    next: `\`gantry logs ${process}\` shows why; \`gantry up\` starts it.`,
  });
}

/** The error for a process that the cloud has nothing of, with the nearest name that it has. */
export function unknownProcess(
  target: string,
  { cloud, kind, known }: { cloud: string; kind: Kind; known: readonly string[] },
): GantryError {
  const names = [...new Set(known)].sort();
  const nearest = nearestName(target, names);
  return new GantryError({
    code: 'process.unknown',
    whose: 'user',
    message: `The cloud ${cloud} has no ${kind} of ${target}`,
    why: names.length > 0 ? `It has: ${names.join(', ')}` : `It has no ${kind}s.`,
    next: nearest
      ? `Did you mean ${nearest}?`
      : '`gantry status` lists the processes; `gantry up` starts them.',
  });
}
