import { GantryError, messageOf } from '../../src/errors.ts';

/** The status of an answer of the Engine API, where what was thrown is one. */
export function statusOf(thrown: unknown): number | undefined {
  const status = (thrown as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

function isNotFound(thrown: unknown): boolean {
  return statusOf(thrown) === 404;
}

/** Resolves to undefined where the engine says "not found"; every other failure stays one. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/**
 * What the engine refused, as an error for users; `what` is the sentence of what failed. Errors that are
 * one already, and aborts, come back unchanged.
 */
export function engineFailure(what: string, thrown: unknown): unknown {
  if (thrown instanceof GantryError || isAbort(thrown)) return thrown;
  const why = messageOf(thrown)
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .trim();
  return new GantryError({
    ...classify(thrown, why),
    message: what,
    why,
    cause: thrown,
  });
}

export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError');
}

function classify(thrown: unknown, why: string): { code: string; whose: 'environment'; next?: string } {
  const whose = 'environment';
  if (statusOf(thrown) === undefined) {
    return {
      code: 'docker.connection',
      whose,
      next: 'Check that the engine runs, then run the command again.',
    };
  }
  if (/port is already allocated|address already in use/i.test(why)) {
    const next = 'Stop what listens there (`ss -ltnp` shows it), or choose another public.address.';
    return { code: 'docker.port-in-use', whose, next };
  }
  if (/no such image/i.test(why)) {
    return { code: 'docker.image-missing', whose, next: 'Build it with `gantry images build`.' };
  }
  if (/pool overlaps|overlaps with other/i.test(why)) {
    const next =
      'Choose another range under `network:` in cloud.yaml; `docker network ls` shows what exists.';
    return { code: 'docker.network-overlaps', whose, next };
  }
  if (/no space left/i.test(why)) {
    return { code: 'docker.disk-full', whose, next: "Free space on the engine's data root." };
  }
  if (/operation not permitted/i.test(why)) {
    const next = '`gantry doctor` shows which capabilities this machine has.';
    return { code: 'docker.not-permitted', whose, next };
  }
  return { code: 'docker.refused', whose };
}
