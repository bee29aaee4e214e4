import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { median } from './comparison.ts';
import { configOf, holdingOf, prepareCloud } from './simulated-cloud.ts';
import { type Progress, type SimulatedCluster, startSimulatedCluster } from './simulated-cluster.ts';

/**
 * `gantry plan` as a whole, as a user runs it, for the whole catalogue on clusters of so many nodes. The cluster is an
 * API server of this process that lists what a real one would; the rest is real.
 */

const RUNS = 3;
const NAME = 'bench';

interface Case {
  what: string;
  progress: Progress;
  /** Added to cloud.yaml. */
  change: string;
  /** Whether a plan of so many steps is right. */
  holds(steps: number): boolean;
}

const cases: Case[] = [
  { what: 'from nothing', progress: 'absent', change: '', holds: (steps) => steps > 50 },
  { what: 'nothing to do', progress: 'up', change: '', holds: (steps) => steps === 0 },
  {
    what: 'one option changed',
    progress: 'up',
    change: 'config: {nova.conf: {api: {max_limit: 500}}}\n',
    holds: (steps) => steps > 0 && steps < 10,
  },
  { what: 'still coming up', progress: 'coming up', change: '', holds: (steps) => steps > 0 && steps < 20 },
];

/** Prints what each case takes on each size of cluster; `sizes` are numbers of nodes, in ascending order. */
export async function benchPlans(
  gantry: string,
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<void> {
  // Builds the command where that is due.
  await promisify(execFile)(gantry, ['version']);
  say(`gantry plan, the whole command: median of ${RUNS} runs`);
  say(
    row([
      'nodes',
      'case',
      'seconds',
      'of processor',
      'ratio',
      'MiB at most',
      'steps',
      'pods',
      'MiB of lists',
    ]),
  );
  const first = new Map<string, number>();
  for (const nodes of sizes) {
    await withCluster(gantry, nodes, ({ what, runs, steps }, { pods, bytes }) => {
      const seconds = median(runs.map((run) => run.seconds));
      const processor = median(runs.map((run) => run.processor));
      first.set(what, first.get(what) ?? processor);
      const ratio = processor / (first.get(what) ?? processor);
      const memory = Math.max(...runs.map((run) => run.memory));
      const figures = [seconds.toFixed(2), processor.toFixed(2), ratio.toFixed(2), memory.toFixed(0)];
      say(row([String(nodes), what, ...figures, String(steps), String(pods), (bytes / 2 ** 20).toFixed(1)]));
    });
  }
}

interface Result {
  what: string;
  runs: Measured[];
  steps: number;
}

/** Measures every case on a cluster of so many nodes, made for it. */
async function withCluster(
  gantry: string,
  nodes: number,
  tell: (result: Result, size: ReturnType<SimulatedCluster['size']>) => void,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-bench-plan-'));
  const cluster = await startSimulatedCluster(nodes, NAME);
  try {
    const environment = await prepareCloud(directory, cluster.port, NAME);
    // The cloud is opened here too, to know what the cluster has to hold.
    Object.assign(process.env, environment);
    const file = join(directory, 'cloud.yaml');
    const { objects, ledger } = await holdingOf(file);
    for (const { what, progress, change, holds } of cases) {
      cluster.hold(objects, ledger, progress);
      await writeFile(file, configOf(cluster.port, NAME) + change);
      const runs: Measured[] = [];
      for (let run = 0; run < RUNS; run++) {
        runs.push(await measure([gantry, 'plan', '--file', file, '-o', 'json'], environment));
      }
      const { steps } = JSON.parse(runs[0]?.output ?? '') as { steps: unknown[] };
      if (!holds(steps.length)) throw new Error(`${what}: a plan of ${steps.length} steps`);
      tell({ what, runs, steps: steps.length }, cluster.size());
    }
  } finally {
    await cluster.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function row([nodes = '', what = '', ...figures]: readonly string[]): string {
  return [nodes.padStart(5), what.padEnd(18), ...figures.map((figure) => figure.padStart(12))].join('  ');
}

interface Measured {
  output: string;
  seconds: number;
  /** Seconds of processor time, of all threads. */
  processor: number;
  /** Most that was resident, in MiB. */
  memory: number;
}

/** What it used the process tells itself when it ends, through a descriptor of its own. */
const teller = `import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));`;

async function measure([program = '', ...args]: string[], environment: object): Promise<Measured> {
  const started = performance.now();
  const child = spawn(program, args, {
    env: {
      ...process.env,
      ...environment,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(teller)}`,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [output, usage, code] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stdio[3] as NodeJS.ReadableStream),
    ended,
  ]);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with exit code ${code}`);
  const seconds = (performance.now() - started) / 1000;
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(usage) as NodeJS.ResourceUsage;
  return { output, seconds, processor: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS / 1024 };
}
