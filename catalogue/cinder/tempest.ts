import { listVolumeServices, volumeTypes } from '../../src/openstack/block-storage.ts';
import { newestMicroversion } from '../../src/openstack/microversion.ts';
import { BUILD_TIMEOUT, defineTempestPart, PREFIX } from '../../src/tempest/part.ts';
import { BACKEND, ENCRYPTED } from './config.ts';

interface Seen {
  microversion: string;
  backup: boolean;
  encryption: boolean;
  /** Name of a type whose volumes several servers may have. */
  sharedType: string;
}

export default defineTempestPart<Seen>({
  prepare: async (admin) => {
    const [microversion, services, types, shared] = await Promise.all([
      newestMicroversion(admin, 'block-storage'),
      listVolumeServices(admin),
      volumeTypes.list(admin),
      volumeTypes.create(admin, {
        name: `${PREFIX}-shared`,
        extra_specs: { volume_backend_name: BACKEND, multiattach: '<is> True' },
      }),
    ]);
    return {
      microversion,
      backup: services.some(({ binary }) => binary === 'cinder-backup'),
      encryption: types.some(({ name }) => name === ENCRYPTED),
      sharedType: shared.name,
    };
  },
  sections: ({ microversion, backup, encryption, sharedType }) => ({
    service_available: { cinder: true },
    volume: {
      storage_protocol: 'ceph',
      build_timeout: BUILD_TIMEOUT,
      min_microversion: '3.0',
      max_microversion: microversion,
      volume_type_multiattach: sharedType,
      // As they are called in a pool.
      manage_volume_ref: 'source-name,volume-%s',
      manage_snapshot_ref: 'source-name,snapshot-%s',
    },
    'volume-feature-enabled': {
      backup,
      extend_attached_volume: true,
      extend_attached_encrypted_volume: encryption,
      manage_volume: true,
      manage_snapshot: true,
    },
    'compute-feature-enabled': { volume_multiattach: true, attach_encrypted_volume: encryption },
  }),
});
