import { request } from 'undici';
import { GantryError, messageOf } from '../../../src/errors.ts';
import { withoutQuery } from '../../../src/openstack/http.ts';
import type { Session } from '../../../src/openstack/session.ts';
import { timeLimit } from '../../../src/time-limit.ts';

const TIMEOUT_MS = 15_000;

/** Asks every endpoint of the session for its versions; throws with all that are missing or do not answer. */
export async function checkEndpoints(session: Session, serviceTypes: readonly string[]): Promise<string> {
  const problems = await Promise.all(serviceTypes.map((type) => problemOf(session, type)));
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) {
    throw new GantryError({
      code: 'verify.catalogue',
      whose: 'environment',
      message: 'not every endpoint of the catalogue answers',
      why: found.join('\n'),
    });
  }
  return `${serviceTypes.length} endpoints answer`;
}

async function problemOf(session: Session, type: string): Promise<string | undefined> {
  try {
    // The bare address lists the API's versions, to everyone.
    const url = `${new URL(session.endpoint(type)).origin}/`;
    const answer = await request(url, {
      dispatcher: session.connections,
      signal: AbortSignal.any([session.signal, timeLimit(TIMEOUT_MS)]),
    });
    await answer.body.dump();
    return answer.statusCode < 400
      ? undefined
      : `${withoutQuery(url)} (${type}) answered ${answer.statusCode}`;
  } catch (error) {
    session.signal.throwIfAborted();
    return `${type}: ${messageOf(error)}`;
  }
}
