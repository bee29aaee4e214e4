import type { Display, DisplayStream } from './display.ts';

/** One JSON object per line and event, for programs. */
export function createJsonDisplay(stream: DisplayStream): Display {
  return {
    onEvent: (event) => void stream.write(`${JSON.stringify(event)}\n`),
    close() {},
  };
}
