/**
 * npm run bench -- NAME: times one thing a user waits for, several runs after a warm-up, and prints minimum, median
 * and maximum. Absolute times depend on the machine: compare figures of one run only.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchIdle } from './idle.ts';
import { benchMemory } from './memory.ts';
import { benchPlans } from './plan.ts';

interface Benchmark {
  what: string;
  runs: number;
  warmups: number;
  /** Runs what is timed; resolves to seconds. */
  run(): Promise<number>;
}

/** One that measures more than seconds of one thing, and prints them itself. */
interface Report {
  what: string;
  report(): Promise<void>;
}

const root = new URL('../..', import.meta.url).pathname;
const gantry = join(root, 'gantry');
const cloud = ['--name', 'bench', '--progress', 'plain'];

const benchmarks: Record<string, Benchmark | Report> = {
  help: { what: 'gantry --help', runs: 10, warmups: 1, run: () => timed([gantry, '--help']) },
  plan: {
    what: 'gantry plan for simulated Kubernetes clusters of 1 to 1000 nodes; -- plan 500 for those of 500 alone',
    report: () => benchPlans(gantry, sizesFrom(process.argv.slice(3)), say),
  },
  memory: {
    what: 'what the cloud that is up on Docker holds in memory, by process (as root)',
    report: () => benchMemory(say),
  },
  idle: {
    what: 'how busy this machine is with the cloud that is up, left alone',
    report: () => benchIdle(say),
  },
  'plan-docker': {
    what: 'gantry plan on Docker',
    runs: 5,
    warmups: 1,
    run: () => timed([gantry, 'plan', ...cloud]),
  },
  up: {
    what: 'gantry up from nothing, images built, until every process is healthy',
    runs: 3,
    warmups: 0,
    run: fromNothing('up', ...cloud),
  },
  demo: {
    what: "gantry up --demo from nothing, images built, until the server's SSH login",
    runs: 3,
    warmups: 0,
    run: fromNothing('up', '--demo', ...cloud),
  },
  again: {
    what: 'gantry up on a cloud that is up: an empty plan',
    runs: 5,
    warmups: 1,
    run: () => timed([gantry, 'up', ...cloud]),
  },
  images: {
    what: 'gantry images build where nothing has changed',
    runs: 5,
    warmups: 1,
    run: () => timed([gantry, 'images', 'build', '--progress', 'plain']),
  },
};

/** Times one command with a cloud that is removed with its data before and after. */
function fromNothing(...command: string[]): () => Promise<number> {
  const remove = (): Promise<number> => timed([gantry, 'down', '--volumes', '--yes', ...cloud]);
  return async () => {
    await remove();
    try {
      return await timed([gantry, ...command]);
    } finally {
      await remove();
    }
  };
}

function sizesFrom(words: readonly string[]): number[] {
  return words.length > 0 ? words.map(Number) : [1, 50, 100, 250, 500, 1000];
}

async function timed([program = '', ...args]: string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, GANTRY_STATE: state },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${args.join(' ')} ended with exit code ${code}`);
  return (performance.now() - started) / 1000;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const name = process.argv[2] ?? '';
const benchmark = benchmarks[name];
const state = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
try {
  if (benchmark && 'report' in benchmark) await benchmark.report();
  else if (benchmark) {
    const seconds: number[] = [];
    for (let run = -benchmark.warmups; run < benchmark.runs; run++) {
      const taken = await benchmark.run();
      if (run >= 0) seconds.push(taken);
    }
    seconds.sort((a, b) => a - b);
    const [least, median, most] = [seconds[0], seconds[Math.floor(seconds.length / 2)], seconds.at(-1)];
    say(`${benchmark.what}: ${[least, median, most].map((value) => value?.toFixed(2)).join(' / ')} s`);
    say(`(minimum / median / maximum of ${benchmark.runs} runs after ${benchmark.warmups} to warm up)`);
  } else {
    for (const [key, { what }] of Object.entries(benchmarks)) say(`${key.padEnd(11)} ${what}`);
    process.exitCode = 64;
  }
} finally {
  await rm(state, { recursive: true, force: true });
}
