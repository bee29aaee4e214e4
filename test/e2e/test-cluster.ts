import type { KubeConfig } from '@kubernetes/client-node';
import { type ClusterApi, createClusterApi } from '../../engines/kubernetes/api/client.ts';
import { loadKubeConfig } from '../../engines/kubernetes/api/kubeconfig.ts';
import { isSchedulable } from '../../engines/kubernetes/observe/facts.ts';
import { readNodes } from '../../engines/kubernetes/observe/nodes.ts';
import { killNode, startNode, up } from '../cluster/cluster.ts';
import { listContainers } from '../cluster/containers.ts';
import { openContext } from '../cluster/context.ts';
import { down } from '../cluster/down.ts';
import { defaultExternal, registryName, resolvePaths } from '../cluster/settings.ts';
import { NodeShells } from './node-shells.ts';

/** What suites need of the cluster that they run on, whoever made it. What it lacks is not tested, with that reason. */
export interface AnyCluster {
  /** Path of its kubeconfig, which KUBECONFIG names until the cluster is closed. */
  kubeconfig: string;
  config: KubeConfig;
  api: ClusterApi;
  /** Names of the nodes that take pods, sorted. */
  nodes: string[];
  /** Commands on them. */
  shells: NodeShells;
  /** What this machine pushes images to, and nodes pull them from by the same name. */
  registry: string | undefined;
  /** A storage class for volumes that several nodes share. */
  sharedStorageClass: string | undefined;
  /** A network interface that each node has on a network that this machine reaches. */
  external: { interface: string; subnet: string } | undefined;
  /** Ends a node at once and starts it again, as a loss of power does. */
  power: { kill(node: string): Promise<void>; start(node: string): Promise<void> } | undefined;
  close(): Promise<void>;
}

/** What the cloud.yaml of every cloud on it says. */
export function settingsOn({
  registry,
  sharedStorageClass,
}: Pick<AnyCluster, 'registry' | 'sharedStorageClass'>) {
  return {
    engine: 'kubernetes',
    ...(registry ? { images: { registry } } : {}),
    ...(sharedStorageClass ? { kubernetes: { sharedStorageClass } } : {}),
  };
}

export const lacking = {
  registry: 'the cluster has no registry that this machine pushes to: GANTRY_TEST_REGISTRY names one',
  external:
    'servers are not reached from this machine: GANTRY_TEST_EXTERNAL=INTERFACE=SUBNET names an interface of every node',
  power: 'nodes of this cluster cannot be ended from here',
} as const;

/**
 * The cluster that KUBECONFIG names, with what GANTRY_TEST_* say of it; or else the test cluster of this machine, made
 * where there is none.
 * @param say takes what is done, line by line
 */
export async function openAnyCluster(say: (line: string) => void = () => {}): Promise<AnyCluster> {
  const { environment, uid } = { environment: process.env, uid: process.getuid?.() ?? 0 };
  const given = environment.KUBECONFIG;
  const own = resolvePaths(environment, uid).kubeconfig;
  if (given !== undefined && given !== '' && given !== own) return openGiven(given, environment);
  const context = await openContext({ environment, uid, signal: new AbortController().signal, say });
  const wasThere = (await listContainers(context.docker)).size > 0;
  const remove = async () => {
    if (given === undefined) delete process.env.KUBECONFIG;
    if (!wasThere) await down(context);
  };
  try {
    await up(context, { nodes: 3 });
    process.env.KUBECONFIG = own;
    return await open(own, {
      registry: registryName,
      sharedStorageClass: 'shared',
      external: { interface: 'ext0', subnet: defaultExternal },
      power: { kill: (node) => killNode(context, node), start: (node) => startNode(context, node) },
      remove,
    });
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

function openGiven(kubeconfig: string, environment: NodeJS.ProcessEnv): Promise<AnyCluster> {
  const [, name, subnet] = /^([^=]+)=(.+)$/.exec(environment.GANTRY_TEST_EXTERNAL ?? '') ?? [];
  return open(kubeconfig, {
    registry: environment.GANTRY_TEST_REGISTRY,
    sharedStorageClass: environment.GANTRY_TEST_SHARED_CLASS,
    external: name !== undefined && subnet !== undefined ? { interface: name, subnet } : undefined,
    power: undefined,
    remove: async () => {},
  });
}

async function open(
  kubeconfig: string,
  {
    remove,
    ...rest
  }: Pick<AnyCluster, 'registry' | 'sharedStorageClass' | 'external' | 'power'> & {
    remove(): Promise<void>;
  },
): Promise<AnyCluster> {
  const config = await loadKubeConfig(process.env, undefined);
  const api = createClusterApi(config);
  const shells = new NodeShells(api);
  const nodes = (await readNodes(api)).filter(isSchedulable).map(({ metadata }) => metadata.name);
  const close = async () => {
    try {
      await shells.close();
    } finally {
      api.close();
      await remove();
    }
  };
  return { kubeconfig, config, api, nodes: nodes.sort(), shells, close, ...rest };
}
