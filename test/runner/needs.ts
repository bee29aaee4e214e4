import type { Need } from '../suites.ts';
import { readClusterState } from './cluster-state.ts';

/** How what suites need is provided: each once in a run, as a test of its own. */
export interface Provision {
  what: string;
  command: readonly string[];
  after: readonly Need[];
  /** Takes it away at the end of the run, also of one that was interrupted. */
  end?: readonly string[];
  /** Every suite must leave it as it found it, within `patienceMs`. */
  kept?: {
    /** Lines that say what is there of it. */
    read(): Promise<string[]>;
    patienceMs: number;
  };
}

/** Installs packages of Debian where a command fails that succeeds with them. */
function unless(command: string, ...packages: string[]): readonly string[] {
  const install = `apt-get update -q && apt-get install -q -y --no-install-recommends ${packages.join(' ')}`;
  return ['sh', '-c', `${command} >/dev/null 2>&1 || { ${install}; }`];
}

const cluster = 'node_modules/.bin/tsx test/cluster/main.ts';
const down = ['sh', '-c', `${cluster} down`];

/**
 * @param given path of the kubeconfig of a cluster that is there: then there is none to make, nor to take down
 * @param own path of the kubeconfig of the test cluster
 */
export function provisions(given: string | undefined, own: string): Record<Need, Provision> {
  const kept = { read: () => readClusterState(given ?? own), patienceMs: 60_000 };
  return {
    tmux: { what: 'tmux', command: unless('command -v tmux', 'tmux'), after: [] },
    'object clients': {
      what: "Debian's clients of objects",
      command: unless(
        '/usr/bin/python3 -c "import boto3, keystoneclient, swiftclient"',
        'python3-boto3',
        'python3-keystoneclient',
        'python3-swiftclient',
      ),
      after: [],
    },
    browser: { what: 'Chromium', command: unless('chromium --version', 'chromium'), after: [] },
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
      // A cluster that killed tests left behind is in a state that nobody knows.
      command: ['sh', '-c', `${cluster} build && ${cluster} down`],
      after: ['docker'],
      // One that a suite made by itself, and was interrupted before it took it down.
      end: down,
    },
    cluster: given
      ? { what: 'the cluster that is given', command: ['true'], after: ['docker'], kept }
      : {
          what: 'the test cluster',
          command: ['sh', '-c', `${cluster} up --nodes 3 >/dev/null`],
          after: ['kubernetes'],
          end: down,
          kept,
        },
  };
}

/** All that these needs come to, each after what it is made of. */
export function inOrder(needs: readonly Need[], all: Record<Need, Pick<Provision, 'after'>>): Need[] {
  const ordered = needs.flatMap((need) => [...inOrder(all[need].after, all), need]);
  return [...new Set(ordered)];
}
