import { rm } from 'node:fs/promises';
import { containersThatHold } from '../../engines/docker/networks.ts';
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
    await Promise.all(networks.map(({ Id, Name }) => removeNetwork(context, Id, Name)));
    await rm(paths.state, { recursive: true, force: true });
    if (containers.length + networks.length > 0) say(`removed ${containers.length} containers`);
  });
}

/** One that the engine cannot remove because it has miscounted stays for the next cluster. */
async function removeNetwork({ docker, say }: ClusterContext, id: string, name: string): Promise<void> {
  try {
    await unlessMissing(docker.getNetwork(id).remove());
  } catch (thrown) {
    const containers = await containersThatHold(docker, id, thrown);
    if (containers?.length !== 0) throw thrown;
    say(`the network ${name} stays: the engine counts a container on it that is gone, until it is restarted`);
  }
}
