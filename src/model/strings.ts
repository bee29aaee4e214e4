/** A JSON object of strings kept in a label or an annotation; one that is missing or damaged counts as empty. */
export function parseStrings(text: string | undefined): Record<string, string> {
  if (!text) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(Object.entries(parsed).filter(([, value]) => typeof value === 'string'));
  } catch {
    return {};
  }
}

/** Output as the `why` of an error: trimmed, at most its last `count` lines. */
export function excerpt(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n').trim();
}

/** The last lines that say something; those of a console may end with a carriage return. */
export function lastLines(text: string, count: number): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(-count).join('\n');
}
