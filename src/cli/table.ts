import stringWidth from 'string-width';

/** A column, by its title where nothing more is to be said. */
export type Column =
  | string
  | {
      title: string;
      /** Where there is no room for all, columns with this go, the highest number first. */
      spare?: number;
      /** Text that may go on in another line; only the last column can. */
      wraps?: true;
    };

const GAP = '  ';
/** Narrower than this, text is easier to read in lines of its own below the row. */
const LEAST_TEXT = 24;
const INDENT = '    ';

/**
 * Rows as a table with aligned columns that fits the width: columns that can be spared go, text is wrapped at words or
 * goes below its row. No word is broken, so one that is wider than all there is stands out.
 * @param width in columns; by default that of the terminal, and no limit where the output goes elsewhere
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = terminalWidth(),
): string {
  const all = columns.map((column, index) => {
    const { title, spare, wraps } = typeof column === 'string' ? { title: column } : column;
    const cells = rows.map((row) => row[index] ?? '');
    return { title, spare, wraps, cells, width: widest([title, ...cells]) };
  });
  if (spanOf(all) <= width)
    return joinLines(
      all.map(({ title }) => title),
      rows,
      all,
      undefined,
    );
  // Where no row has any text, its title is not worth a column.
  const text = all.find(({ wraps, cells }) => wraps && cells.some(Boolean));
  let fixed = all.filter(({ wraps }) => !wraps);
  const least = text ? GAP.length + Math.min(LEAST_TEXT, text.width) : 0;
  while (spanOf(fixed) + least > width) {
    const [first] = fixed
      .filter(({ spare }) => spare !== undefined)
      .sort((a, b) => (b.spare ?? 0) - (a.spare ?? 0));
    if (!first) break;
    fixed = fixed.filter((column) => column !== first);
  }
  const cells = rows.map((_, row) => [
    ...fixed.map((column) => column.cells[row] ?? ''),
    ...(text ? [text.cells[row] ?? ''] : []),
  ]);
  const titles = [...fixed, ...(text ? [text] : [])].map(({ title }) => title);
  return joinLines(titles, cells, fixed, text && { room: width - spanOf(fixed) - GAP.length, width });
}

/** Lines whose last column, after a gap, goes on below itself where it is too wide for the terminal. */
export function foldLines(text: string, width = terminalWidth()): string {
  const fold = (line: string): string => {
    if (stringWidth(line) <= width) return line;
    const before = /^.*\S {2,}(?=\S)/.exec(line)?.[0] ?? '';
    const last = line.slice(before.length);
    const room = width - stringWidth(before);
    const beside = wrap(last, room);
    if (room >= LEAST_TEXT && widest(beside) <= room)
      return before + beside.join(`\n${' '.repeat(stringWidth(before))}`);
    const indent = ' '.repeat(before.search(/\S|$/)) + INDENT;
    const below = wrap(last, width - indent.length).map((one) => indent + one);
    return [...(before ? [before.trimEnd()] : []), ...below].join('\n');
  };
  return text.split('\n').map(fold).join('\n');
}

/** Some terminals do not know how wide they are. */
function terminalWidth(): number {
  return (process.stdout.isTTY && process.stdout.columns) || Number.POSITIVE_INFINITY;
}

function spanOf(columns: readonly { width: number }[]): number {
  return columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length);
}

/** @param text what there is for the last cell of each row; undefined where it is aligned like the others */
function joinLines(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  fixed: readonly { width: number }[],
  text: { room: number; width: number } | undefined,
): string {
  const align = (row: readonly string[]): string =>
    fixed.map(({ width }, index) => pad(row[index] ?? '', width)).join(GAP);
  if (!text) return [titles, ...rows].map((row) => align(row).trimEnd()).join('\n');
  const before = ' '.repeat(spanOf(fixed) + GAP.length);
  const below = text.width - INDENT.length;
  const lines = rows.flatMap((row) => {
    const last = row.at(-1) ?? '';
    const beside = wrap(last, text.room);
    const fits = text.room >= Math.min(LEAST_TEXT, stringWidth(last)) && widest(beside) <= text.room;
    if (!fits) return [align(row), ...wrap(last, below).map((line) => INDENT + line)];
    const [first = '', ...others] = beside;
    return [`${align(row)}${GAP}${first}`, ...others.map((line) => before + line)];
  });
  const title = titles.at(-1) ?? '';
  const heading = stringWidth(title) <= text.room ? `${align(titles)}${GAP}${title}` : align(titles);
  return [heading, ...lines].map((line) => line.trimEnd()).join('\n');
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(width - stringWidth(cell));
}

function widest(lines: readonly string[]): number {
  return Math.max(0, ...lines.map((line) => stringWidth(line)));
}

/** Lines of whole words, each as wide as there is room for, or as its only word. */
function wrap(text: string, room: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    for (const word of paragraph.split(/ +/)) {
      const last = lines.at(-1);
      if (last !== undefined && stringWidth(`${last} ${word}`) <= room) lines.push(`${lines.pop()} ${word}`);
      else lines.push(word);
    }
    return lines;
  });
}
