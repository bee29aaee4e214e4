import type { Emit, Listener, StampedEvent } from './events.ts';

/** The clocks that events are stamped with: a monotonic one in milliseconds, and the time of day. */
export interface EventClock {
  monotonic(): number;
  now(): Date;
}

export const systemEventClock: EventClock = { monotonic: () => performance.now(), now: () => new Date() };

/** An Emit that stamps each event with the time, the cloud and the run, and hands it to all listeners. */
export function stampEvents(
  origin: Pick<StampedEvent, 'cloud' | 'run'>,
  listeners: readonly Listener[],
  clock = systemEventClock,
): Emit {
  return (body) => {
    const event: StampedEvent = {
      at: clock.monotonic(),
      time: clock.now().toISOString(),
      ...origin,
      ...body,
    };
    for (const listener of listeners) listener(event);
  };
}
