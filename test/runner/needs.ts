import type { Need } from '../suites.ts';

/** How what suites need is provided: each once in a run, as a test of its own. */
export interface Provision {
  what: string;
  command: readonly string[];
  after: readonly Need[];
  /** Takes it away at the end of the run, also of one that was interrupted. */
  end?: readonly string[];
}

const installTmux = `command -v tmux >/dev/null || {
  apt-get update -q && apt-get install -q -y --no-install-recommends tmux
}`;

/** A cluster that killed tests left behind is in a state that nobody knows. */
const freshCluster =
  'node_modules/.bin/tsx test/cluster/main.ts down && node_modules/.bin/tsx test/cluster/main.ts up --nodes 3 >/dev/null';

/** @param given whether a cluster is given: then there is none to make, nor to take down */
export function provisions(given: boolean): Record<Need, Provision> {
  return {
    tmux: { what: 'tmux', command: ['sh', '-c', installTmux], after: [] },
    docker: {
      what: 'Docker Engine',
      command: ['node_modules/.bin/tsx', 'scripts/install-engine.ts'],
      after: [],
    },
    images: {
      what: 'container images',
      command: ['./gantry', '--progress', 'plain', 'images', 'build'],
      after: ['docker'],
    },
    kubernetes: {
      what: 'Kubernetes for the test cluster',
      command: ['node_modules/.bin/tsx', 'test/cluster/main.ts', 'build'],
      after: ['docker'],
    },
    cluster: given
      ? { what: 'the cluster that is given', command: ['true'], after: ['docker'] }
      : {
          what: 'the test cluster',
          command: ['sh', '-c', freshCluster],
          after: ['kubernetes'],
          end: ['node_modules/.bin/tsx', 'test/cluster/main.ts', 'down'],
        },
  };
}

/** All that these needs come to, each after what it is made of. */
export function inOrder(needs: readonly Need[], all: Record<Need, Pick<Provision, 'after'>>): Need[] {
  const ordered = needs.flatMap((need) => [...inOrder(all[need].after, all), need]);
  return [...new Set(ordered)];
}
