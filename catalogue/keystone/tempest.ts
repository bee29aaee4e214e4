import { domains, projects, roles, services, users } from '../../src/openstack/identity.ts';
import { defineResource } from '../../src/openstack/resource.ts';
import type { Session } from '../../src/openstack/session.ts';
import {
  AUTHORITY_FILE,
  defineTempestPart,
  type Kind,
  kind,
  type Preparation,
} from '../../src/tempest/part.ts';

type Seen = Pick<Preparation, 'authUrl' | 'ownAuthority'> & Pick<Session, 'region'>;

const other = (one: string, many: string): Kind =>
  kind(one, defineResource({ service: 'identity', path: `/${many}`, one, many }));

export default defineTempestPart<Seen>({
  prepare: async ({ region }, { authUrl, ownAuthority }) => ({ authUrl, ownAuthority, region }),
  sections: ({ authUrl, ownAuthority, region }) => ({
    identity: {
      uri_v3: authUrl,
      region,
      v3_endpoint_type: 'public',
      ca_certificates_file: ownAuthority ? AUTHORITY_FILE : undefined,
    },
  }),
  layer: 'owners',
  kinds: [
    { ...kind('user', users), holds: 'user' },
    other('group', 'groups'),
    { ...kind('project', projects), holds: 'project' },
    kind('domain', domains, {}, removeDomain),
    kind('role', roles),
    kind('service', services),
    other('region', 'regions'),
    other('policy', 'policies'),
  ],
});

/** Keystone removes only domains that are switched off. */
async function removeDomain(admin: Session, id: string): Promise<void> {
  await domains.update(admin, id, { enabled: false });
  await domains.remove(admin, id);
}
