import { flavors, removeKeyPair, removeServers, servers } from '../../src/openstack/compute.ts';
import { kind, type ServicePurge } from '../../src/openstack/purge.ts';
import { defineResource } from '../../src/openstack/resource.ts';
import type { Session } from '../../src/openstack/session.ts';

const compute = { service: 'compute', microversion: '2.90' };

interface Aggregate {
  id: string;
  hosts: string[];
}

const aggregates = defineResource<Aggregate>({
  ...compute,
  path: '/os-aggregates',
  one: 'aggregate',
  many: 'aggregates',
});
const serverGroups = defineResource({
  ...compute,
  path: '/os-server-groups',
  one: 'server_group',
  many: 'server_groups',
});
/** Of all projects: Nova finds server groups by no project. */
const allGroups = { all_projects: 'True' };

export default {
  layer: 'workloads',
  kinds: [
    kind('server', servers, {
      all: { all_tenants: 1 },
      of: (project_id) => ({ all_tenants: 1, project_id }),
      remove: (admin, id) => removeServers(admin, [id]),
    }),
    kind('server group', serverGroups, { all: allGroups, of: () => allGroups }),
    kind('flavor', flavors, { all: { is_public: 'none' } }),
    kind('aggregate', aggregates, { remove: removeAggregate }),
  ],
  purgeUser: removeKeyPairs,
} satisfies ServicePurge;

async function removeKeyPairs(admin: Session, userId: string): Promise<void> {
  const { body } = await admin.request<{ keypairs: { keypair: { name: string } }[] }>(
    compute.service,
    'GET',
    '/os-keypairs',
    { microversion: compute.microversion, query: { user_id: userId } },
  );
  await Promise.all(body.keypairs.map(({ keypair }) => removeKeyPair(admin, keypair.name, userId)));
}

/** Nova removes only aggregates without hosts. */
async function removeAggregate(admin: Session, id: string): Promise<void> {
  for (const host of (await aggregates.get(admin, id)).hosts) {
    await admin.request(compute.service, 'POST', `/os-aggregates/${id}/action`, {
      json: { remove_host: { host } },
      microversion: compute.microversion,
    });
  }
  await aggregates.remove(admin, id);
}
