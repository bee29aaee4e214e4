import type { Display, DisplayStream } from './contract.ts';

/** One JSON object per line and event, for programs. */
export function createJsonDisplay(stream: DisplayStream): Display {
  return {
    onEvent: (event) => void stream.write(`${JSON.stringify(event)}\n`),
    close() {},
  };
}
