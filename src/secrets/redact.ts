const REDACTED = '[redacted]';
/** Shorter pieces would be found in innocent text. */
const MIN_LENGTH = 8;

/** The text without the secrets: each, and each line of those that have several, is replaced by `[redacted]`. */
export function redact(text: string, secrets: Iterable<string>): string {
  const pieces = new Set<string>();
  for (const secret of secrets) {
    for (const line of [secret, ...secret.split('\n')]) {
      const piece = line.trim();
      if (piece.length < MIN_LENGTH || isMarker(piece)) continue;
      pieces.add(piece);
      pieces.add(encodeURIComponent(piece));
      pieces.add(JSON.stringify(piece).slice(1, -1));
    }
  }
  const longestFirst = [...pieces].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((rest, piece) => rest.replaceAll(piece, REDACTED), text);
}

/** The first and last line of PEM text say only what it is. */
function isMarker(line: string): boolean {
  return /^-----(BEGIN|END) [A-Z ]+-----$/.test(line);
}
