import { setMaxListeners } from 'node:events';

/** Why what was under way ends, with the name of the process signal. */
class Interruption extends Error {}

/** A signal that the first Ctrl-C, SIGTERM or SIGHUP aborts; a second one ends the program at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  // As many steps wait at once as there are: a warning of Node's about that would break the frame on the terminal.
  setMaxListeners(0, controller.signal);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Interruption(`interrupted by ${name}`));
    });
  }
  return controller.signal;
}

/** The interruption that a thrown value comes from, if it does: calls wrap the reason for which they were ended. */
export function interruptionOf(thrown: unknown): Error | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof Interruption) return error;
  }
  return undefined;
}
