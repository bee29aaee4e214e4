import { defineTempestPart } from '../../src/tempest/part.ts';
import { RESELLER_ADMIN } from './config.ts';

export default defineTempestPart({
  prepare: async () => undefined,
  sections: () => ({
    service_available: { swift: true },
    'object-storage': { operator_role: 'member', reseller_admin_role: RESELLER_ADMIN },
    'object-storage-feature-enabled': { discoverability: true },
  }),
});
