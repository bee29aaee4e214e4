import { flavors } from '../openstack/compute.ts';
import { hasStatus } from '../openstack/errors.ts';
import { DEFAULT_DOMAIN, projects, users } from '../openstack/identity.ts';
import { listImages, removeImage } from '../openstack/image.ts';
import { networks } from '../openstack/network.ts';
import { purgeProject, purgeUser, type ServicePurge } from '../openstack/purge.ts';
import type { Session } from '../openstack/session.ts';
import { DEMO, FLAVORS } from './options.ts';

/**
 * Removes the project demo with all it holds, and its user. `shared` takes along what other projects may use: the
 * flavors, the image of this name, and the external network unless it is in use. Returns what was removed.
 */
export async function removeDemo(
  admin: Session,
  purges: readonly ServicePurge[],
  options: { shared: boolean; imageName: string; externalName: string },
): Promise<string[]> {
  const removed: string[] = [];
  const query = { name: DEMO, domain_id: DEFAULT_DOMAIN };
  const [project, user] = await Promise.all([projects.find(admin, query), users.find(admin, query)]);
  if (project) {
    await purgeProject(admin, purges, project.id);
    await projects.remove(admin, project.id);
    removed.push(`project ${DEMO} with all it held`);
  }
  if (user) {
    await purgeUser(admin, purges, user.id);
    await users.remove(admin, user.id);
    removed.push(`user ${DEMO}`);
  }
  if (options.shared) removed.push(...(await removeShared(admin, options)));
  return removed;
}

async function removeShared(
  admin: Session,
  options: { imageName: string; externalName: string },
): Promise<string[]> {
  const removed: string[] = [];
  const names: readonly string[] = FLAVORS.map((flavor) => flavor.name);
  for (const flavor of await flavors.list(admin)) {
    if (!names.includes(flavor.name)) continue;
    await flavors.remove(admin, flavor.id);
    removed.push(`flavor ${flavor.name}`);
  }
  const own = { name: options.imageName, owner: admin.projectId ?? '' };
  const images = await Promise.all(
    ['false', 'true'].map((hidden) => listImages(admin, { ...own, os_hidden: hidden })),
  );
  for (const image of images.flat()) {
    await removeImage(admin, image.id);
    removed.push(`image ${image.name}`);
  }
  const external = await networks.find(admin, { name: options.externalName, 'router:external': true });
  if (external && (await removeUnused(admin, external.id))) removed.push(`network ${options.externalName}`);
  return removed;
}

async function removeUnused(admin: Session, networkId: string): Promise<boolean> {
  try {
    return await networks.remove(admin, networkId);
  } catch (error) {
    if (hasStatus(error, 409)) return false;
    throw error;
  }
}
