import type { GantryError } from '../../errors.ts';
import type { RunEvent } from '../../run/events.ts';
import type { Display, DisplayStream } from './display.ts';

/** One JSON object per line and event, for programs. */
export function createJsonDisplay(stream: DisplayStream): Display {
  return {
    onEvent(event) {
      stream.write(`${JSON.stringify(toJson(event))}\n`);
    },
    close() {},
  };
}

function toJson(event: RunEvent): object {
  return event.type === 'step.failed' ? { ...event, error: errorToJson(event.error) } : event;
}

/** An error's public parts; its cause may hold anything. */
function errorToJson({ code, whose, message, place, why, next, exitCode }: GantryError): object {
  return { code, whose, message, place, why, next, exitCode };
}
