/** Whose move it is: the user's input, the environment Gantry runs in, or a defect in Gantry itself. */
export type Whose = 'user' | 'environment' | 'bug';

/** Exit codes of the command line; 64, 65 and 75 are those of sysexits(3). */
export const ExitCode = {
  done: 0,
  failed: 1,
  planNotEmpty: 2,
  usage: 64,
  invalidConfiguration: 65,
  tryAgain: 75,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A place in a file; line and column count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
  /** The text of that line, to be shown with a caret below the column. */
  text?: string;
}

export interface GantryErrorDetails {
  /** Stable, lower-case and dotted: `config.unknown-key`, `docker.unreachable`. */
  code: string;
  whose: Whose;
  /** What failed, in one sentence. */
  message: string;
  place?: Place;
  /** Why it failed: the cause in words, or the last output of what failed. */
  why?: string;
  /** What to do next. */
  next?: string;
  exitCode?: ExitCode;
  cause?: unknown;
}

/** The one error type that reaches users. Anything else that escapes is reported as a bug. */
export class GantryError extends Error {
  readonly code: string;
  readonly whose: Whose;
  readonly place: Place | undefined;
  readonly why: string | undefined;
  readonly next: string | undefined;
  readonly exitCode: ExitCode;

  constructor(details: GantryErrorDetails) {
    super(details.message, { cause: details.cause });
    this.name = 'GantryError';
    this.code = details.code;
    this.whose = details.whose;
    this.place = details.place;
    this.why = details.why;
    this.next = details.next;
    this.exitCode = details.exitCode ?? ExitCode.failed;
  }
}

/** What an error says, as data; its cause is left out, which may hold anything. */
export type ErrorReport = Pick<
  GantryError,
  'code' | 'whose' | 'message' | 'place' | 'why' | 'next' | 'exitCode'
>;

export function reportError({ code, whose, message, place, why, next, exitCode }: ErrorReport): ErrorReport {
  return { code, whose, message, place, why, next, exitCode };
}

/** The same error with more said of why. */
export function withMoreWhy(error: GantryError, more: string): GantryError {
  const { code, whose, message, place, why, next, exitCode } = error;
  return new GantryError({
    code,
    whose,
    message,
    why: [why, more].filter(Boolean).join('\n'),
    exitCode,
    cause: error,
    ...(place ? { place } : {}),
    ...(next === undefined ? {} : { next }),
  });
}

/** Several errors found in one pass, such as all mistakes of one configuration file. */
export class GantryErrors extends Error {
  constructor(
    readonly errors: readonly GantryError[],
    readonly exitCode: ExitCode = errors[0]?.exitCode ?? ExitCode.failed,
  ) {
    super(errors.map((error) => error.message).join('\n'));
    this.name = 'GantryErrors';
  }
}

/** The message of anything thrown, for use as the `why` of a GantryError. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** An error in how the command line was used. */
export function usageError(
  message: string,
  more: Pick<GantryErrorDetails, 'why' | 'next'> = {},
): GantryError {
  return new GantryError({ code: 'usage', whose: 'user', message, exitCode: ExitCode.usage, ...more });
}
