import { nearestName } from '../config/nearest.ts';
import { ExitCode, GantryError } from '../errors.ts';

interface Named {
  id: string;
  name: string;
  status: string;
}

/** The one of all that has this id or name. Throws `KIND.unknown`, with the nearest name, or `KIND.ambiguous`. */
export function findNamed<T extends Named>(
  all: readonly T[],
  wanted: string,
  { kind, list }: { kind: 'image' | 'server'; list: string },
): T {
  const found = all.filter(({ id, name }) => id === wanted || name === wanted);
  const [first, second] = found;
  if (first && !second) return first;
  if (first) {
    throw new GantryError({
      code: `${kind}.ambiguous`,
      whose: 'user',
      message: `${found.length} ${kind}s are named ${wanted}`,
      why: found.map(({ id, status }) => `${id} ${status}`).join('\n'),
      next: 'give the id of one',
      exitCode: ExitCode.usage,
    });
  }
  const nearest = nearestName(
    wanted,
    all.map(({ name }) => name),
  );
  throw new GantryError({
    code: `${kind}.unknown`,
    whose: 'user',
    message: `no ${kind} has the name or id ${wanted}`,
    next: nearest ? `did you mean ${nearest}?` : list,
    exitCode: ExitCode.usage,
  });
}
