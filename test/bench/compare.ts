import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDockerClient } from '../../engines/docker/client.ts';
import { type Comparison, collect, type Measured, tableHead, tableLine } from './comparison.ts';
import { type Context, type Course, limits } from './course.ts';
import { courses } from './courses.ts';
import { checkNoCloud, rememberImages } from './leftovers.ts';
import type { RowName } from './rows.ts';
import {
  addWorktree,
  describeCheckout,
  findCommit,
  gantry,
  makeReady,
  removeWorktree,
  type Tree,
} from './tree.ts';
import { takeTurns } from './turns.ts';

export interface Request {
  /** The revision before; after is what is checked out, with its changes. */
  revision: string;
  rows: readonly RowName[];
  /** Of each tree, in place of the rows' own number. */
  runs?: number | undefined;
}

type Reporter = Pick<Context, 'signal' | 'say'> & {
  /** A line of the result. */
  print(line: string): void;
};

/**
 * Measures a revision and the tree at `root` side by side, and prints a line of a table as soon as it is known. What it
 * makes is removed at the end, however that comes.
 */
export async function compare(
  root: string,
  { revision, rows, runs }: Request,
  { signal, say, print }: Reporter,
): Promise<Comparison[]> {
  const commit = await findCommit(root, revision);
  const after = await describeCheckout(root);
  const folder = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
  const worktree = join(folder, 'tree');
  const treeOf = (label: string, at: string): Tree => ({
    label,
    root: at,
    cloud: `bench-${label}`,
    folder: join(folder, label),
  });
  try {
    say(`before is ${revision}, checked out for this run`);
    await addWorktree(root, commit, worktree);
    const trees = [treeOf('before', worktree), treeOf('after', root)];
    print(tableHead(`${revision} (${commit.slice(0, after.split(' ')[0]?.length)})`, after));
    return await measureTrees(trees, { rows, runs }, { signal, say }, (comparison) =>
      print(tableLine(comparison, `npm run bench -- compare ${revision} ${comparison.row}`)),
    );
  } finally {
    await removeWorktree(root, worktree);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Measures these rows of trees in turns. Resolves to what it told of, row by row: before is the first tree. */
export async function measureTrees(
  trees: readonly Tree[],
  { rows, runs }: Pick<Request, 'rows' | 'runs'>,
  { signal, say }: Pick<Context, 'signal' | 'say'>,
  tell: (comparison: Comparison) => void,
): Promise<Comparison[]> {
  const context = { docker: (await createDockerClient(process.env)).docker, signal, say };
  const wanted: ReadonlySet<RowName> = new Set(rows);
  const chosen = courses.filter((course) => course.rows.some((row) => wanted.has(row)));
  for (const { check } of chosen) await check?.(context);
  for (const { cloud } of trees) await checkNoCloud(context.docker, cloud);
  const removeImages = await rememberImages(
    context.docker,
    trees.map(({ cloud }) => cloud),
  );
  try {
    await prepare(trees, chosen, context);
    const all: Comparison[] = [];
    for (const course of chosen) {
      const comparisons = await measureCourse(
        trees,
        { ...course, runs: runs ?? course.runs },
        wanted,
        context,
      );
      comparisons.forEach(tell);
      all.push(...comparisons);
    }
    return all;
  } finally {
    await removeImages();
  }
}

/** Nothing is timed before all trees have what they need. */
async function prepare(trees: readonly Tree[], chosen: readonly Course[], context: Context): Promise<void> {
  const { signal, say } = context;
  for (const tree of trees) {
    say(`${tree.label} is made ready`);
    await makeReady(tree, signal);
    if (!chosen.some(({ needsImages }) => needsImages)) continue;
    say(`${tree.label} builds its images`);
    const build = ['--progress', 'plain', 'images', 'build'];
    await gantry(tree, build, { limitMs: limits.build, signal });
  }
}

async function measureCourse(
  trees: readonly Tree[],
  course: Course,
  wanted: ReadonlySet<RowName>,
  context: Context,
): Promise<Comparison[]> {
  const names = course.rows.filter((row) => wanted.has(row)).join(', ');
  const [before = [], after = []] = await takeTurns(trees, course, async (tree, round) => {
    context.signal.throwIfAborted();
    const turn = round < 1 ? 'to warm up' : `${round} of ${course.runs}`;
    context.say(`${names}: ${tree.label}, ${turn}`);
    const measured: Measured[] = [];
    await course.measure(tree, wanted, context, (row, what, value, unit = 's') => {
      if (wanted.has(row)) measured.push({ row, what, unit, value });
    });
    return measured;
  });
  return collect(before, after);
}
