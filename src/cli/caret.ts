/** Longer lines of a file are shown around the place of the mistake only. */
const MAX_WIDTH = 100;

/** The line and a caret under the column, which counts from 1. Control characters are blanked, tabs kept. */
export function formatCaret(text: string, column: number): [string, string] {
  const start = text.length > MAX_WIDTH ? Math.max(0, column - 1 - MAX_WIDTH / 2) : 0;
  const shown = text.slice(start, start + MAX_WIDTH).replace(/[^\P{Cc}\t]/gu, ' ');
  const indent = shown.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  const before = start > 0 ? '…' : '';
  const after = start + MAX_WIDTH < text.length ? '…' : '';
  return [`${before}${shown}${after}`, `${before && ' '}${indent}^`];
}
