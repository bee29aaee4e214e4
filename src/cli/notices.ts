import type { EventBody } from '../run/events.ts';
import type { GlobalOptions } from './options.ts';

type Show = (event: EventBody) => void;

/** Of the process, which runs one command: a command may open its cloud more than once. */
const said = new Set<string>();
let display: Show | undefined;

/**
 * Warns of something beside what the command does, of one topic once: in the display of the run that is under way, or
 * as a line.
 */
export function warnOnce(text: string, topic: string, progress: GlobalOptions['progress']): void {
  if (said.has(topic)) return;
  said.add(topic);
  const notice = { type: 'notice', level: 'warning', text } as const;
  if (display) display(notice);
  else process.stderr.write(`${progress === 'json' ? JSON.stringify(notice) : `warning: ${text}`}\n`);
}

/** Has a display show warnings while it is there: lines of others would break into it. */
export async function withDisplay<T>(show: Show, run: () => Promise<T>): Promise<T> {
  display = show;
  try {
    return await run();
  } finally {
    display = undefined;
  }
}
