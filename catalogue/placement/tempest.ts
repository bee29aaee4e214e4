import { newestMicroversion } from '../../src/openstack/microversion.ts';
import { defineTempestPart } from '../../src/tempest/part.ts';

export default defineTempestPart<{ microversion: string }>({
  prepare: async (admin) => ({ microversion: await newestMicroversion(admin, 'placement') }),
  sections: ({ microversion }) => ({
    enforce_scope: { placement: true },
    placement: { min_microversion: '1.0', max_microversion: microversion },
  }),
});
