import { rm } from 'node:fs/promises';
import { removeBuilds } from './build.ts';
import { type ClusterContext, withLock } from './cluster.ts';
import { listContainers, registryVolume, unlessMissing } from './containers.ts';
import { roleLabel } from './settings.ts';

/**
 * Removes the cluster, whatever is there of it. What was built stays for the next one, and so do the images in the
 * registry unless `all` is asked for.
 */
export async function down(context: ClusterContext, { all = false }: { all?: boolean } = {}): Promise<void> {
  const { docker, paths, say } = context;
  await withLock(context, 'cluster down', async () => {
    await removeBuilds(docker, paths.cache);
    const containers = [...(await listContainers(docker)).values()];
    await Promise.all(
      containers.map(({ Id }) => unlessMissing(docker.getContainer(Id).remove({ force: true, v: true }))),
    );
    const filters = { label: [roleLabel] };
    const { Volumes } = await docker.listVolumes({ filters });
    const volumes = Volumes.filter(({ Name }) => all || Name !== registryVolume);
    await Promise.all(volumes.map(({ Name }) => unlessMissing(docker.getVolume(Name).remove())));
    const networks = await docker.listNetworks({ filters });
    await Promise.all(networks.map(({ Id }) => unlessMissing(docker.getNetwork(Id).remove())));
    await rm(paths.state, { recursive: true, force: true });
    if (containers.length + networks.length > 0) say(`removed ${containers.length} containers`);
  });
}
