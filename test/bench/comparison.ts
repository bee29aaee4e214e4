/** What was measured of two trees, side by side. Pure. */

export type Unit = 's' | 'MiB' | '% of a core';

/** One value that one turn gave. */
export interface Measured {
  /** Name of the row: what is asked for on the command line. */
  row: string;
  /** What it is in words, as a table shows it. */
  what: string;
  unit: Unit;
  value: number;
}

/** All that the turns of both trees gave for one line of the table. */
export interface Comparison extends Omit<Measured, 'value'> {
  before: readonly number[];
  after: readonly number[];
}

/** The middle one, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return (low + high) / 2;
}

/** After in parts of before: 1.1 is a tenth more. NaN where one of them has none. */
export function ratioOf({ before, after }: Pick<Comparison, 'before' | 'after'>): number {
  return median(after) / median(before);
}

/** Puts together what belongs to one line, in the order in which it was measured. */
export function collect(before: readonly Measured[], after: readonly Measured[]): Comparison[] {
  const lines = new Map<string, { before: number[]; after: number[] } & Omit<Measured, 'value'>>();
  for (const [side, all] of [['before', before] as const, ['after', after] as const]) {
    for (const { value, ...line } of all) {
      const key = JSON.stringify(line);
      const found = lines.get(key) ?? { ...line, before: [], after: [] };
      found[side].push(value);
      lines.set(key, found);
    }
  }
  return [...lines.values()];
}

export function tableHead(before: string, after: string): string {
  const titles = ['What', `Before: ${before}`, `After: ${after}`, 'Ratio', 'Runs of each', 'With'];
  return `${tableRow(titles)}\n${tableRow(titles.map(() => '---')).replaceAll(' ', '')}`;
}

/** A line of the table in docs/benchmarks.md. */
export function tableLine(comparison: Comparison, command: string): string {
  const { what, unit, before, after } = comparison;
  const ratio = ratioOf(comparison);
  const runs = before.length === after.length ? `${after.length}` : `${before.length} and ${after.length}`;
  return tableRow([
    what,
    describe(before, unit),
    describe(after, unit),
    Number.isNaN(ratio) ? '' : ratio.toFixed(2),
    runs,
    `\`${command}\``,
  ]);
}

/** The median, and in brackets least and most. */
export function describe(values: readonly number[], unit: Unit): string {
  if (values.length === 0) return 'not measured';
  const middle = median(values);
  const digits = middle < 10 ? 2 : middle < 100 ? 1 : 0;
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
  return `${middle.toFixed(digits)} ${unit} (${least} to ${most})`;
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
