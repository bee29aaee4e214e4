import { GantryError } from '../../src/errors.ts';
import { type ClusterContext, up } from '../cluster/cluster.ts';
import { listContainers } from '../cluster/containers.ts';
import { openContext } from '../cluster/context.ts';
import { down } from '../cluster/down.ts';
import { defaultExternal, registryName } from '../cluster/settings.ts';
import { type Context, limits, withCloud } from './course.ts';
import { gantry, type Tree } from './tree.ts';

/** What the cloud needs of the test cluster. */
const settings = {
  engine: 'kubernetes',
  images: { registry: registryName },
  kubernetes: { sharedStorageClass: 'shared' },
  network: { external: { interface: 'ext0', subnet: defaultExternal } },
};

/**
 * Seconds of a command that brings a cloud up on a test cluster of one node, made for it: its node has no image yet, its
 * registry has all.
 */
export async function measureOnCluster(
  tree: Tree,
  command: readonly string[],
  context: Context,
): Promise<number> {
  const cluster = await open(context);
  let seconds = Number.NaN;
  try {
    await up(cluster, { nodes: 1 });
    const environment = { KUBECONFIG: cluster.paths.kubeconfig };
    const run = (args: readonly string[], limitMs: number) =>
      gantry(tree, args, { limitMs, environment, signal: context.signal });
    const measure = async () => {
      await run(['label-nodes'], limits.short);
      await run(['images', 'push'], limits.build);
      seconds = (await run(command, limits.up)).seconds;
    };
    await withCloud(tree, measure, settings, environment);
  } finally {
    await down(cluster);
  }
  return seconds;
}

/** There is one test cluster on an engine. Throws `bench.cluster-exists`. */
export async function checkNoCluster(context: Context): Promise<void> {
  if ((await listContainers(context.docker)).size === 0) return;
  throw new GantryError({
    code: 'bench.cluster-exists',
    whose: 'user',
    message: 'There is a test cluster on this engine, which is not touched',
    next: 'If nobody needs it, remove it with `npm run cluster -- down`.',
  });
}

async function open({ signal, say }: Context): Promise<ClusterContext> {
  return openContext({ environment: process.env, uid: process.getuid?.() ?? 0, signal, say });
}
