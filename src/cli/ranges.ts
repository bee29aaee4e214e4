import { usageError } from '../errors.ts';
import { parseDuration } from '../model/settings/units.ts';

/** Seconds since the epoch, from an age such as 10m or a time in ISO 8601. */
export function parseSince(text: string, now: number): number {
  const age = parseDuration(text);
  if (age !== undefined) return Math.floor(now / 1000) - age;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return Math.floor(time / 1000);
  throw usageError(`--since ${text} is neither an age such as 10m nor a time such as 2026-11-21T10:00:00Z`);
}

export function parseTail(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw usageError(`--tail ${text} is not a number of lines`);
}
