import { listVolumeServices, volumeTypes } from '../../src/openstack/block-storage.ts';
import { newestMicroversion } from '../../src/openstack/microversion.ts';
import { BUILD_TIMEOUT, defineTempestPart, PREFIX } from '../../src/tempest/part.ts';
import { ENCRYPTED } from './config.ts';

interface Seen {
  microversion: string;
  backup: boolean;
  encryption: boolean;
  /** Names of backends. */
  backends: string[];
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
        extra_specs: { multiattach: '<is> True' },
      }),
    ]);
    return {
      microversion,
      backup: services.some(({ binary }) => binary === 'cinder-backup'),
      encryption: types.some(({ name }) => name === ENCRYPTED),
      backends: services.flatMap(({ host }) => host.split('@')[1] ?? []),
      sharedType: shared.name,
    };
  },
  sections: ({ microversion, backup, encryption, backends, sharedType }) => {
    // What is said of one must hold for all: the driver of NFS makes no volume larger that a server has.
    const onFiles = backends.includes('nfs');
    return {
      service_available: { cinder: true },
      volume: {
        storage_protocol: onFiles ? 'nfs' : 'ceph',
        build_timeout: BUILD_TIMEOUT,
        min_microversion: '3.0',
        max_microversion: microversion,
        volume_type_multiattach: sharedType,
        // As they are called in a pool.
        ...(onFiles
          ? {}
          : { manage_volume_ref: 'source-name,volume-%s', manage_snapshot_ref: 'source-name,snapshot-%s' }),
      },
      'volume-feature-enabled': {
        backup,
        extend_attached_volume: !onFiles,
        extend_attached_encrypted_volume: encryption && !onFiles,
        manage_volume: !onFiles,
        manage_snapshot: !onFiles,
      },
      'compute-feature-enabled': { volume_multiattach: true, attach_encrypted_volume: encryption },
    };
  },
});
