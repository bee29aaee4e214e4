import type { RunEvent } from '../../run/events.ts';

/** Draws events as they come. */
export interface Display {
  onEvent(event: RunEvent): void;
  /** Stops drawing and gives the terminal back as it was. May be called more than once. */
  close(): void;
}

/** Where a display writes: standard error, or what a test captures. */
export type DisplayStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };
