import type { Session } from '../../src/openstack/session.ts';
import { AUTHORITY_FILE, defineTempestPart, type Preparation } from '../../src/tempest/part.ts';

type Seen = Pick<Preparation, 'authUrl' | 'ownAuthority'> & Pick<Session, 'region'>;

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
});
