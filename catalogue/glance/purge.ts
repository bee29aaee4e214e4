import { listImages, removeImage } from '../../src/openstack/image.ts';
import type { ServicePurge } from '../../src/openstack/purge.ts';

export default {
  layer: 'resources',
  kinds: [
    {
      what: 'image',
      list: (admin) => listImages(admin, { visibility: 'all' }),
      listOf: (admin, owner) => listImages(admin, { owner }),
      remove: removeImage,
    },
  ],
} satisfies ServicePurge;
