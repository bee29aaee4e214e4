import { domains, projects, roles, services, users } from '../../src/openstack/identity.ts';
import { type Kind, kind, type ServicePurge } from '../../src/openstack/purge.ts';
import { defineResource } from '../../src/openstack/resource.ts';
import type { Session } from '../../src/openstack/session.ts';

const other = (one: string, many: string): Kind =>
  kind(one, defineResource({ service: 'identity', path: `/${many}`, one, many }));

export default {
  layer: 'owners',
  kinds: [
    { ...kind('user', users), holds: 'user' },
    other('group', 'groups'),
    { ...kind('project', projects), holds: 'project' },
    kind('domain', domains, { remove: removeDomain }),
    kind('role', roles),
    kind('service', services),
    other('region', 'regions'),
    other('policy', 'policies'),
  ],
} satisfies ServicePurge;

/** Keystone removes only domains that are switched off. */
async function removeDomain(admin: Session, id: string): Promise<void> {
  await domains.update(admin, id, { enabled: false });
  await domains.remove(admin, id);
}
