import type { Emit, RunEvent } from './events.ts';

export type Listener = (event: RunEvent) => void;

/** An Emit that stamps each event with the clock's time, in milliseconds, and hands it to all listeners. */
export function stampEvents(clock: () => number, ...listeners: Listener[]): Emit {
  return (body) => {
    const event = { at: clock(), ...body } as RunEvent;
    for (const listener of listeners) listener(event);
  };
}
