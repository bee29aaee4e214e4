/** One thing looked at before anything is changed. */
export interface Finding {
  check: string;
  level: 'ok' | 'warning' | 'error';
  message: string;
  /** What to do about it. */
  next?: string;
  /** What Gantry does because of it, where there is a choice. */
  choice?: string;
}
