/** Time as it is seen by what waits; passed in, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds; rejects when the signal is aborted meanwhile. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
