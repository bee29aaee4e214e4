export interface Rounds {
  /** Of each tree, not counted. */
  warmups: number;
  /** Of each tree, counted. */
  runs: number;
}

/**
 * Measures trees in turns, before, after, before, after: what changes on the machine meanwhile meets both.
 * Resolves to what the counted turns of each tree gave, in the order of the trees.
 */
export async function takeTurns<T, M>(
  trees: readonly T[],
  { warmups, runs }: Rounds,
  measure: (tree: T, round: number) => Promise<readonly M[]>,
): Promise<M[][]> {
  const measured = trees.map((): M[] => []);
  for (let round = 1 - warmups; round <= runs; round++) {
    for (const [index, tree] of trees.entries()) {
      const values = await measure(tree, round);
      if (round >= 1) measured[index]?.push(...values);
    }
  }
  return measured;
}
