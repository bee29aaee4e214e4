import { removeKeyPair, removeServers, servers } from './compute.ts';
import { listImages, removeImage } from './image.ts';
import { floatingIps, networks, ports, removeRouter, routers, securityGroups } from './network.ts';
import { removeWhenFree } from './resource.ts';
import type { Session } from './session.ts';

/**
 * Removes what a project holds in Nova, Neutron and Glance; the project itself stays. `session` is an
 * administrator's. Goes on after a failure, so that as little as possible is left, then throws the first one.
 */
export async function purgeProject(session: Session, projectId: string): Promise<void> {
  const failures: unknown[] = [];
  const attempt = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error) => failures.push(error));
  };
  const query = { project_id: projectId };

  await attempt(
    servers.list(session, { all_tenants: 1, ...query }).then((found) =>
      removeServers(
        session,
        found.map((server) => server.id),
      ),
    ),
  );
  await attempt(
    removeAll(session, floatingIps.list(session, query), (id) => floatingIps.remove(session, id)),
  );
  await attempt(removeAll(session, routers.list(session, query), (id) => removeRouter(session, id)));
  await attempt(
    removeAll(
      session,
      ports.list(session, query).then((found) => found.filter((port) => port.device_owner === '')),
      (id) => ports.remove(session, id),
    ),
  );
  await attempt(removeAll(session, networks.list(session, query), (id) => networks.remove(session, id)));
  await Promise.all([
    attempt(
      removeAll(session, securityGroups.list(session, query), (id) => securityGroups.remove(session, id)),
    ),
    attempt(removeAll(session, listImages(session, { owner: projectId }), (id) => removeImage(session, id))),
  ]);
  if (failures.length > 0) throw failures[0];
}

async function removeAll(
  session: Session,
  found: Promise<{ id: string }[]>,
  remove: (id: string) => Promise<unknown>,
): Promise<void> {
  await Promise.all((await found).map(({ id }) => removeWhenFree(session, () => remove(id))));
}

/** Removes the key pair in Nova that has the user's name, which nobody can reach without the user. */
export async function purgeUser(session: Session, user: { id: string; name: string }): Promise<void> {
  await removeKeyPair(session, user.name, user.id);
}
