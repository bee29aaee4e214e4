import { GantryError } from '../../src/errors.ts';

/** One line of what `npm run bench -- plan` prints. */
export interface PlanLine {
  /** What is planned, such as `nothing to do`. */
  what: string;
  /** Seconds of processor time. */
  processor: number;
}

/**
 * Reads the table of another tree's `plan`: nodes, case, seconds, seconds of the processor, and more, with two spaces
 * or more in between. Throws `bench.unknown-output` where it is none.
 */
export function parsePlans(output: string): PlanLine[] {
  const lines = output.split('\n').flatMap((line) => {
    const [nodes = '', what = '', , processor = ''] = line.trim().split(/\s{2,}/);
    return /^\d+$/.test(nodes) && /^\d/.test(processor) ? [{ what, processor: Number(processor) }] : [];
  });
  if (lines.length > 0) return lines;
  throw new GantryError({
    code: 'bench.unknown-output',
    whose: 'user',
    message: 'The `plan` benchmark of a tree does not print the table that it prints today',
    why: output.slice(0, 500),
    next: 'Compare with a revision that does.',
  });
}
