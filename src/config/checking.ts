import type { GantryError } from '../errors.ts';
import type { Known } from './known.ts';
import type { CloudConfig } from './schema.ts';
import { configError, type Path, type Source } from './source.ts';

/** What the checks work on: a configuration whose single values are all valid, and how it was written. */
export interface Check {
  /** Values that were wrong by themselves are at their default in it. */
  config: CloudConfig;
  /** What was given, wrong values included. */
  given: unknown;
  source: Source;
  /** Relative paths start here. */
  baseDirectory: string;
  /** Dates are not checked without it. */
  clock?: (() => Date) | undefined;
  isFlag(path: Path): boolean;
  /** False where a mistake at, above or below this path has been reported already. */
  isSound(path: Path): boolean;
  errors: GantryError[];
  warnings: GantryError[];
}

/** Adds an error at the value of the path, or at its key. */
export function report(
  check: Check,
  code: string,
  path: Path,
  message: string,
  more: { at?: 'key' | 'value'; why?: string | undefined; next?: string | undefined } = {},
): void {
  check.errors.push(errorAt(check, code, path, message, more));
}

/** Adds a warning at the key of the path. */
export function warn(check: Check, code: string, path: Path, message: string, next?: string): void {
  check.warnings.push(errorAt(check, code, path, message, { at: 'key', next }));
}

function errorAt(
  check: Check,
  code: string,
  path: Path,
  message: string,
  { at = 'value', why, next }: { at?: 'key' | 'value'; why?: string | undefined; next?: string | undefined },
): GantryError {
  const isFlag = check.isFlag(path);
  const place = at === 'key' ? check.source.keyPlace(path) : check.source.valuePlace(path);
  return configError(code, isFlag ? `on the command line: ${message}` : message, isFlag ? undefined : place, {
    ...(why !== undefined && { why }),
    ...(next !== undefined && { next }),
  });
}

/** Whether the cloud has the service: by itself, or because cloud.yaml says so. */
export function isServiceOn({ config }: Check, known: Known, service: string): boolean {
  if (known.on) return known.on.includes(service);
  if (known.requiredServices?.includes(service)) return true;
  return config.services[service] ?? known.servicesByDefault?.includes(service) ?? true;
}

/** True where the file or the command line gives the value. */
export function isGiven(check: Check, path: Path): boolean {
  return check.isFlag(path) || check.source.has(path);
}
