import { messageOf } from '../errors.ts';
import { flavors, removeKeyPair } from '../openstack/compute.ts';
import { DEFAULT_DOMAIN, projects, users } from '../openstack/identity.ts';
import { networks } from '../openstack/network.ts';
import { purgeProject } from '../openstack/purge.ts';
import type { Session } from '../openstack/session.ts';

/**
 * Removes what runs of verify made: the projects whose names are `ours` with all they hold, users, flavors, external
 * networks. Returns what could not be removed, in words. `admin` is an administrator's session.
 */
export async function removeRuns(admin: Session, ours: (name: string) => boolean): Promise<string[]> {
  const problems: string[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(`${what}: ${messageOf(error)}`);
    }
  };
  const query = { domain_id: DEFAULT_DOMAIN };
  const [foundProjects, foundUsers, foundFlavors] = await Promise.all([
    projects.list(admin, query),
    users.list(admin, query),
    flavors.list(admin, { is_public: 'none' }),
  ]);

  for (const project of foundProjects.filter(({ name }) => ours(name))) {
    await attempt(`project ${project.name}`, async () => {
      await purgeProject(admin, project.id);
      await projects.remove(admin, project.id);
    });
  }
  await Promise.all([
    ...foundUsers
      .filter(({ name }) => ours(name))
      .map((user) =>
        attempt(`user ${user.name}`, async () => {
          await removeKeyPair(admin, user.name, user.id);
          await users.remove(admin, user.id);
        }),
      ),
    ...foundFlavors
      .filter(({ name }) => ours(name))
      .map((flavor) => attempt(`flavor ${flavor.name}`, () => flavors.remove(admin, flavor.id))),
  ]);
  // Last: routers and floating IPs of the projects held on to it.
  for (const network of await networks.list(admin, { 'router:external': true })) {
    if (!ours(network.name)) continue;
    await attempt(`network ${network.name}`, () => networks.remove(admin, network.id));
  }
  return problems;
}
