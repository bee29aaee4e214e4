import { join } from 'node:path';
import { systemClock } from '../../src/openstack/clock.ts';
import { measureBare } from './bare.ts';
import { runCommand } from './command.ts';
import { median } from './comparison.ts';
import { type Course, limits, withCloud } from './course.ts';
import { measureIdle } from './idle.ts';
import { checkNoCluster, measureOnCluster } from './kubernetes.ts';
import { measureMemory } from './memory.ts';
import { parsePlans } from './plan-table.ts';
import { measureServer } from './server.ts';
import { gantry, MINUTE_MS } from './tree.ts';

/** Memory and processors are looked at when what starts has come to rest. */
const REST_MINUTES = 10;
const PLAN_NODES = '500';

const plainUp = ['--progress', 'plain', 'up'];

export const courses: readonly Course[] = [
  {
    rows: ['help'],
    warmups: 1,
    runs: 10,
    needsImages: false,
    measure: async (tree, _wanted, { signal }, note) => {
      const { seconds } = await gantry(tree, ['--help'], { limitMs: limits.short, signal });
      note('help', '`gantry --help`', seconds);
    },
  },
  {
    rows: ['images'],
    warmups: 1,
    runs: 5,
    needsImages: true,
    measure: async (tree, _wanted, { signal }, note) => {
      const build = ['--progress', 'plain', 'images', 'build'];
      const { seconds } = await gantry(tree, build, { limitMs: limits.short, signal });
      note('images', '`images build`, nothing changed', seconds);
    },
  },
  {
    rows: ['plan'],
    warmups: 0,
    runs: 3,
    needsImages: false,
    measure: async ({ root, folder }, _wanted, { signal }, note) => {
      const program = [join(root, 'node_modules/.bin/tsx'), 'test/bench/bench.ts', 'plan', PLAN_NODES];
      const { output } = await runCommand(program, {
        cwd: root,
        // What it leaves when it is interrupted goes with the folder.
        environment: { TMPDIR: folder },
        limitMs: limits.up,
        signal,
      });
      for (const { what, processor } of parsePlans(output)) {
        note('plan', `\`plan\` for ${PLAN_NODES} nodes, ${what}: processor time`, processor);
      }
    },
  },
  {
    rows: ['plan-docker'],
    warmups: 1,
    runs: 5,
    needsImages: false,
    measure: async (tree, _wanted, { signal }, note) => {
      const { seconds } = await gantry(tree, ['plan'], { limitMs: limits.short, signal });
      note('plan-docker', '`plan` on Docker, from nothing', seconds);
    },
  },
  {
    rows: ['bare'],
    warmups: 0,
    runs: 3,
    needsImages: false,
    measure: async (tree, _wanted, context, note) => {
      note('bare', 'all images but the guest, from a bare machine', await measureBare(tree, context));
    },
  },
  {
    rows: ['up', 'again'],
    warmups: 0,
    runs: 3,
    needsImages: true,
    measure: (tree, wanted, { signal }, note) =>
      withCloud(tree, async () => {
        const up = async () => (await gantry(tree, plainUp, { limitMs: limits.up, signal })).seconds;
        note('up', '`up` from nothing to all healthy, images built', await up());
        if (!wanted.has('again')) return;
        await up();
        note('again', 'second `up`, an empty plan', await up());
      }),
  },
  {
    rows: ['demo', 'server', 'idle', 'memory'],
    warmups: 0,
    runs: 3,
    needsImages: true,
    measure: (tree, wanted, context, note) =>
      withCloud(tree, async () => {
        const { docker, signal } = context;
        const { seconds } = await gantry(tree, [...plainUp, '--demo'], { limitMs: limits.up, signal });
        note('demo', '`up --demo` from nothing to the SSH login', seconds);
        if (wanted.has('server')) {
          note('server', 'a server, from the request to its SSH banner', await measureServer(tree, context));
        }
        if (!wanted.has('idle') && !wanted.has('memory')) return;
        context.say(`${tree.label} is left alone for ${REST_MINUTES} min`);
        await systemClock.sleep(REST_MINUTES * MINUTE_MS, signal);
        const idle = `with the demo server after ${REST_MINUTES} min`;
        if (wanted.has('memory')) {
          const size = await measureMemory(docker, tree.cloud);
          note('memory', `idle cloud ${idle}: sum of PSS`, size, 'MiB');
        }
        if (wanted.has('idle')) {
          const shares = await measureIdle(signal);
          note('idle', `idle cloud ${idle}: processors at work`, median(shares), '% of a core');
        }
      }),
  },
  {
    rows: ['kube-up'],
    warmups: 0,
    runs: 3,
    needsImages: true,
    check: checkNoCluster,
    measure: async (tree, _wanted, context, note) => {
      const seconds = await measureOnCluster(tree, plainUp, context);
      note('kube-up', '`up` on Kubernetes from nothing to all healthy, images pushed, one node', seconds);
    },
  },
  {
    rows: ['kube-demo'],
    warmups: 0,
    runs: 3,
    needsImages: true,
    check: checkNoCluster,
    measure: async (tree, _wanted, context, note) => {
      const seconds = await measureOnCluster(tree, [...plainUp, '--demo'], context);
      note('kube-demo', 'the same to the SSH login', seconds);
    },
  },
];
