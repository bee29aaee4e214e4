import { distance } from 'fastest-levenshtein';

/** Longer lists would hide the message they are to explain. */
const MAX_LISTED = 24;

/**
 * The valid name most like the wrong one, or undefined where none is near enough: a third of its letters
 * may differ. Upper and lower case count as alike, and so do two swapped neighbours as one letter; the first of equals wins.
 */
export function nearestName(wrong: string, valid: Iterable<string>): string | undefined {
  const lower = wrong.toLowerCase();
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(wrong.length / 3)) + 0.5;
  for (const name of valid) {
    const differing = differenceOf(lower, name.toLowerCase());
    if (differing < least && differing < name.length) {
      nearest = name;
      least = differing;
    }
  }
  return nearest;
}

function differenceOf(one: string, other: string): number {
  const letters = distance(one, other);
  return letters === 2 && isSwapped(one, other) ? 1 : letters;
}

function isSwapped(one: string, other: string): boolean {
  const at = [...one].findIndex((letter, index) => letter !== other[index]);
  return one.slice(0, at) + one.charAt(at + 1) + one.charAt(at) + one.slice(at + 2) === other;
}

/** `; did you mean "name"?`, or nothing. */
export function suggest(wrong: string, valid: Iterable<string>): string {
  const nearest = nearestName(wrong, valid);
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`;
}

/** All valid names in one line, or undefined where they are none or too many to help. */
export function listNames(label: string, valid: Iterable<string>): string | undefined {
  const names = [...valid].sort();
  return names.length === 0 || names.length > MAX_LISTED ? undefined : `${label}: ${names.join(', ')}.`;
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(choices: readonly string[]): string {
  const last = choices.at(-1) ?? '';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}
