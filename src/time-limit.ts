/**
 * A signal that is aborted with a `TimeoutError` after so many milliseconds; it does not keep the program running.
 *
 * `AbortSignal.timeout` is not used for that: within `AbortSignal.any` it goes when memory is collected, and never aborts
 * (https://github.com/nodejs/node/issues/57736).
 */
export function timeLimit(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const reason = new DOMException(`not done within ${milliseconds / 1000} s`, 'TimeoutError');
  setTimeout(() => controller.abort(reason), milliseconds).unref();
  return controller.signal;
}

/** What a machine at many times its load may take to begin a command, beside the command's own time. */
export const BUSY_SECONDS = 120;
