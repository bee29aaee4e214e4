import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
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

const SHOWN_DIGITS = 8;

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
  const trees = [treeOf('before', worktree), treeOf('after', root)];
  const context = { docker: await connect(), signal, say };
  try {
    await check(trees, rows, context);
    say(`before is ${revision}, checked out for this run`);
    await addWorktree(root, commit, worktree);
    let isFirst = true;
    return await measureTrees(trees, { rows, runs }, context, (comparison) => {
      if (isFirst) print(tableHead(nameOf(revision, commit), after));
      isFirst = false;
      print(tableLine(comparison, `npm run bench -- compare ${revision} ${comparison.row}`));
    });
  } finally {
    await removeWorktree(root, worktree);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Measures these rows of one tree. */
export async function measureAlone(
  root: string,
  rows: readonly RowName[],
  { signal, say }: Omit<Reporter, 'print'>,
  tell: (comparison: Comparison) => void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
  const trees = [{ label: 'this tree', root, cloud: 'bench', folder: join(folder, 'this') }];
  const context = { docker: await connect(), signal, say };
  try {
    await check(trees, rows, context);
    await measureTrees(trees, { rows }, context, tell);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function connect(): Promise<Docker> {
  return (await createDockerClient(process.env)).docker;
}

function nameOf(revision: string, commit: string): string {
  return commit.startsWith(revision) ? revision : `${revision} (${commit.slice(0, SHOWN_DIGITS)})`;
}

/** Refuses what would be in the way, before anything is made. */
async function check(trees: readonly Tree[], rows: readonly RowName[], context: Context): Promise<void> {
  for (const { cloud } of trees) await checkNoCloud(context.docker, cloud);
  for (const course of coursesOf(rows)) await course.check?.(context);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  context.say(`the load of this machine is ${load} on ${cpus().length} cores: other work widens the ranges`);
}

function coursesOf(rows: readonly RowName[]): Course[] {
  return courses.filter((course) => course.rows.some((row) => rows.includes(row)));
}

/** Measures these rows of trees in turns, and tells each line. The first tree is before. */
async function measureTrees(
  trees: readonly Tree[],
  { rows, runs }: Pick<Request, 'rows' | 'runs'>,
  context: Context,
  tell: (comparison: Comparison) => void,
): Promise<Comparison[]> {
  const chosen = coursesOf(rows);
  const versions = trees.map(({ cloud }) => cloud);
  const removeImages = await rememberImages(context.docker, versions);
  try {
    await prepare(trees, chosen, context);
    const all: Comparison[] = [];
    for (const course of chosen) {
      const rounds = { ...course, runs: runs ?? course.runs };
      const comparisons = await measureCourse(trees, rounds, new Set(rows), context);
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
