import { setMaxListeners } from 'node:events';

/** Why what was under way ends, with the name of the process signal. */
export class Interruption extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/**
 * A signal that the first Ctrl-C, SIGTERM or SIGHUP aborts, or the reader of the output that leaves; a second one ends the
 * program at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  // As many steps wait at once as there are: a warning of Node's about that would break the frame on the terminal.
  setMaxListeners(0, controller.signal);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Interruption(name));
    });
  }
  // Not by the signal itself, which connections of the program's own would raise too.
  process.stdout.once('error', () => controller.abort(new Interruption('SIGPIPE')));
  return controller.signal;
}

/**
 * Takes it that readers leave, as in `gantry logs -f | head`: what is written for them is dropped. A run that reports to
 * standard error goes on, also where that cannot be written to any more.
 * @param onLost told once where results cannot be written, as to a disk that is full
 */
export function outliveReaders(
  onLost: (error: Error) => void,
  {
    stdout = process.stdout,
    stderr = process.stderr,
  }: { stdout?: NodeJS.EventEmitter; stderr?: NodeJS.EventEmitter } = {},
): void {
  let lost = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || lost) return;
    lost = true;
    onLost(error);
  });
  stderr.on('error', () => {});
}

/** The interruption that a thrown value comes from, if it does: calls wrap the reason for which they were ended. */
export function interruptionOf(thrown: unknown): Interruption | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof Interruption) return error;
  }
  return undefined;
}
