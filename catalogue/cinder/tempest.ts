import { newestMicroversion } from '../../src/openstack/microversion.ts';
import { defineTempestPart } from '../../src/tempest/part.ts';

export default defineTempestPart<{ microversion: string }>({
  prepare: async (admin) => ({ microversion: await newestMicroversion(admin, 'block-storage') }),
  sections: ({ microversion }) => ({
    service_available: { cinder: true },
    volume: { storage_protocol: 'ceph', min_microversion: '3.0', max_microversion: microversion },
    'volume-feature-enabled': { backup: false, extend_attached_volume: true },
  }),
});
