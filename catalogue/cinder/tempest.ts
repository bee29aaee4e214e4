import { listVolumeServices } from '../../src/openstack/block-storage.ts';
import { newestMicroversion } from '../../src/openstack/microversion.ts';
import { defineTempestPart } from '../../src/tempest/part.ts';

export default defineTempestPart<{ microversion: string; backup: boolean }>({
  prepare: async (admin) => ({
    microversion: await newestMicroversion(admin, 'block-storage'),
    backup: (await listVolumeServices(admin)).some(({ binary }) => binary === 'cinder-backup'),
  }),
  sections: ({ microversion, backup }) => ({
    service_available: { cinder: true },
    volume: { storage_protocol: 'ceph', min_microversion: '3.0', max_microversion: microversion },
    'volume-feature-enabled': { backup, extend_attached_volume: true },
  }),
});
