import type Docker from 'dockerode';
import type { Unit } from './comparison.ts';
import type { RowName } from './rows.ts';
import { configure, gantry, MINUTE_MS, type Tree } from './tree.ts';
import type { Rounds } from './turns.ts';

export interface Context {
  docker: Docker;
  signal: AbortSignal;
  /** One line about what is done. */
  say(line: string): void;
}

/** Adds what was measured: a name of a row, what it is, and the value. */
type Note = (row: RowName, what: string, value: number, unit?: Unit) => void;

/** What one turn does with one tree; it makes all it needs, and leaves nothing. */
export interface Course extends Rounds {
  /** The rows that it gives. */
  rows: readonly RowName[];
  /** Whether the images of every tree are built before the first turn. */
  needsImages: boolean;
  /** Refuses, before anything is done, what would be in the way. */
  check?(context: Context): Promise<void>;
  /** @param wanted those of its rows that were asked for */
  measure(tree: Tree, wanted: ReadonlySet<RowName>, context: Context, note: Note): Promise<void>;
}

/** Milliseconds that commands may take. */
export const limits = {
  short: 2 * MINUTE_MS,
  build: 60 * MINUTE_MS,
  up: 30 * MINUTE_MS,
  down: 15 * MINUTE_MS,
} as const;

/** Does something that makes the cloud of a tree, and removes the cloud with its data, however that ended. */
export async function withCloud(
  tree: Tree,
  work: () => Promise<void>,
  settings: Parameters<typeof configure>[1] = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  await configure(tree, settings);
  try {
    await work();
  } finally {
    const down = ['--progress', 'plain', 'down', '--volumes', '--yes'];
    await gantry(tree, down, { limitMs: limits.down, environment });
    await configure(tree);
  }
}
