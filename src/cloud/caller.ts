import type { Emit, Listener } from '../run/events.ts';

/** What whoever uses the application gives it: a command line, a script, a console. */
export interface Caller {
  /** Gets every event of what is done. */
  emit: Listener;
  /** Resolves where it may go on; rejects with why not, where it may not. */
  confirm(question: Question): Promise<void>;
  /** Ends what is under way. */
  signal: AbortSignal;
}

/** What is asked before something is done that cannot be undone. */
export type Question =
  | { kind: 'destroy'; cloud: string }
  /** What a rotation, a collection or a repair would do, in words. */
  | { kind: 'rotate' | 'collect' | 'repair'; text: string };

/** Tells of something beside what is done; of one topic displays tell once. */
export function warn(emit: Emit, text: string, topic = text): void {
  emit({ type: 'notice', level: 'warning', text, topic });
}

export function inform(emit: Emit, text: string): void {
  emit({ type: 'notice', level: 'info', text });
}
