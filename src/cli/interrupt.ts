import { setMaxListeners } from 'node:events';

/** A signal that the first Ctrl-C, SIGTERM or SIGHUP aborts; a second one ends the program at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  // As many steps wait at once as there are: a warning of Node's about that would break the frame on the terminal.
  setMaxListeners(0, controller.signal);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Error(`interrupted by ${name}`));
    });
  }
  return controller.signal;
}
