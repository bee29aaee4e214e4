import { messageOf } from '../errors.ts';
import { DEFAULT_DOMAIN, projects, users } from '../openstack/identity.ts';
import { purgeProject, purgeUser } from '../openstack/purge.ts';
import type { Session } from '../openstack/session.ts';
import type { Removal } from './check.ts';
import type { VerifyOptions } from './options.ts';

/**
 * Removes what runs of verify made: the projects whose names are `isOurs` with all they hold, users, and what services
 * say. Returns what could not be removed, in words. `admin` is an administrator's session.
 */
export async function removeRuns(
  admin: Session,
  { services, purges }: Pick<VerifyOptions, 'services' | 'purges'>,
  isOurs: (name: string) => boolean,
): Promise<string[]> {
  const problems: string[] = [];
  const attempt: Removal['attempt'] = async (what, work) => {
    try {
      await work();
    } catch (error) {
      problems.push(`${what}: ${messageOf(error)}`);
    }
  };
  const query = { domain_id: DEFAULT_DOMAIN };
  const [foundProjects, foundUsers] = await Promise.all([
    projects.list(admin, query),
    users.list(admin, query),
  ]);
  for (const project of foundProjects.filter(({ name }) => isOurs(name))) {
    await attempt(`project ${project.name}`, async () => {
      await purgeProject(admin, purges, project.id);
      await projects.remove(admin, project.id);
    });
  }
  for (const user of foundUsers.filter(({ name }) => isOurs(name))) {
    await attempt(`user ${user.name}`, async () => {
      await purgeUser(admin, purges, user.id);
      await users.remove(admin, user.id);
    });
  }
  // Last: what the projects held may hang on it.
  for (const { remove } of services) await remove?.({ admin, isOurs, attempt });
  return problems;
}
