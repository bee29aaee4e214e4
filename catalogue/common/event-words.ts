/** What events of several services have alike in how they are told. */

import type { KeptEvent } from '../../src/model/event.ts';

type Payload = Readonly<Record<string, unknown>>;

/** Empty where there is none. */
export function payloadOf({ payload }: Pick<KeptEvent, 'payload'>): Payload {
  return isRecord(payload) ? payload : {};
}

/** The part of a payload with this name. Empty where there is none. */
export function within(payload: Payload, name: string): Payload {
  const inside = payload[name];
  return isRecord(inside) ? inside : {};
}

function isRecord(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text that the payload has under the first of these keys that has any. */
export function textOf(payload: Payload, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = payload[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

/** A thing by its name, or its id where it has none: `server web`. */
export function thing(kind: string, payload: Payload, ...keys: string[]): string {
  return `${kind} ${textOf(payload, ...keys) ?? '(without a name)'}`;
}

/** A type's last words, of which some begin and some end what is told of: `volume.create.end` is of `create`. */
export function partsOf(type: string): { about: string; phase: 'start' | 'end' | 'error' | undefined } {
  const [, about = type, phase] = /^(.*)\.(start|end|error)$/.exec(type) ?? [];
  return { about, phase: phase as 'start' | 'end' | 'error' | undefined };
}

/** `deleted`, or what it is where that was not possible. */
export function outcome(done: string, phase: 'end' | 'error', reason: string | undefined): string {
  if (phase === 'end') return done;
  return `could not be ${done}${reason ? `: ${reason}` : ''}`;
}
