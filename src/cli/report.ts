import { type ErrorReport, GantryError, GantryErrors } from '../errors.ts';
import { formatCaret } from './caret.ts';

/** Prints an error as a person needs it: what, where, why, what next. Anything unexpected asks for a report. */
export function printError(error: unknown, stream: NodeJS.WritableStream): void {
  if (error instanceof GantryErrors) {
    stream.write(`${error.errors.map(describeError).join('\n')}\n`);
    if (error.errors.length > 1) stream.write(`\n${error.errors.length} errors.\n`);
    return;
  }
  if (error instanceof GantryError) {
    stream.write(`${describeError(error)}\n`);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stream.write(`gantry: this is a defect of Gantry; please report it with the following:\n${text}\n`);
}

/** What works but should be changed, as a person needs it. */
export function printWarnings(warnings: readonly GantryError[], stream: NodeJS.WritableStream): void {
  for (const warning of warnings) stream.write(`warning: ${describeError(warning)}\n`);
}

/** An error as lines of text, without a final newline. */
export function describeError(error: ErrorReport): string {
  const lines: string[] = [];
  if (error.place) {
    const { file, line, column, text } = error.place;
    lines.push(`${file}:${line}:${column}: ${error.message}`);
    if (text !== undefined) {
      lines.push(...formatCaret(text, column).map((shown) => `    ${shown}`));
    }
  } else {
    lines.push(`gantry: ${error.message}`);
  }
  if (error.why) lines.push(indent(error.why));
  if (error.next) lines.push(`  -> ${error.next}`);
  if (error.whose === 'bug') lines.push(`  This is a defect of Gantry (${error.code}); please report it.`);
  return lines.join('\n');
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
