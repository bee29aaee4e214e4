import type { Caller } from '../cloud/caller.ts';
import { ExitCode } from '../errors.ts';
import type { RunOutcome } from '../run/events.ts';
import { confirm } from './confirm.ts';
import { createDisplay } from './display/display.ts';
import { interruptSignal } from './interrupt.ts';
import type { GlobalOptions } from './options.ts';

/** The terminal as a caller of the application: shows its events, asks its questions. */
export interface Terminal extends Caller {
  /** That Ctrl-C aborts; until a command asks for it, Ctrl-C ends the program at once. */
  readonly signal: AbortSignal;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Opens it for one command; `yes` answers its questions. */
export function openTerminal({
  progress,
  yes,
}: Pick<GlobalOptions, 'progress'> & { yes?: boolean }): Terminal {
  const display = createDisplay(progress, process.stderr, process.env);
  let signal: AbortSignal | undefined;
  return {
    emit: display.onEvent,
    confirm: (question) => confirm(question, yes === undefined ? {} : { yes }),
    get signal() {
      signal ??= interruptSignal();
      return signal;
    },
    close: display.close,
  };
}

export function exitCodeOf(outcome: RunOutcome): ExitCode {
  return { done: ExitCode.done, failed: ExitCode.failed, interrupted: ExitCode.interrupted }[outcome];
}
