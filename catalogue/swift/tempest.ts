import { defineTempestPart } from '../../src/tempest/part.ts';
import { RESELLER_ADMIN } from '../common/object-store.ts';

/**
 * What is on of what tests ask for by name. Off are copying to other clusters (container_sync), Flash (crossdomain), and
 * uploads by web forms (formpost), which Tempest signs with SHA-1.
 */
const features = [
  'account_quotas',
  'bulk_delete',
  'bulk_upload',
  'container_quotas',
  'slo',
  'staticweb',
  'tempurl',
].join();

export default defineTempestPart({
  prepare: async () => undefined,
  sections: () => ({
    service_available: { swift: true },
    'object-storage': { operator_role: 'member', reseller_admin_role: RESELLER_ADMIN },
    'object-storage-feature-enabled': { discoverability: true, discoverable_apis: features },
  }),
});
