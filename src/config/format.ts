import { stringify } from 'yaml';
import type { GantryError } from '../errors.ts';
import type { CloudConfig } from './schema.ts';

/** Longer lines of a file are shown around the place of the mistake only. */
const MAX_WIDTH = 100;

/** A configuration as the text of a cloud.yaml that loads to the same. */
export function formatCloudConfig(config: CloudConfig): string {
  return stringify(config, { version: '1.2', schema: 'core', aliasDuplicateObjects: false, lineWidth: 0 });
}

/** Errors for a terminal: place and message, the line with a caret below the column, why and what to do next. */
export function formatErrors(errors: readonly GantryError[]): string {
  return errors.map((error) => `${formatError(error)}\n`).join('');
}

function formatError(error: GantryError): string {
  const { place } = error;
  const lines = [place ? `${place.file}:${place.line}:${place.column}: ${error.message}` : error.message];
  if (place?.text !== undefined)
    lines.push(...formatCaret(place.text, place.column).map((line) => `  ${line}`));
  for (const more of [error.why, error.next]) {
    if (more !== undefined) lines.push(...more.split('\n').map((line) => `  ${line}`));
  }
  return lines.join('\n');
}

/** The line and a caret under the column, which counts from 1. Control characters are blanked, tabs kept. */
function formatCaret(text: string, column: number): [string, string] {
  const start = text.length > MAX_WIDTH ? Math.max(0, column - 1 - MAX_WIDTH / 2) : 0;
  const shown = text.slice(start, start + MAX_WIDTH).replace(/[^\P{Cc}\t]/gu, ' ');
  const indent = shown.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  const before = start > 0 ? '…' : '';
  const after = start + MAX_WIDTH < text.length ? '…' : '';
  return [`${before}${shown}${after}`, `${before && ' '}${indent}^`];
}
