import { hasSecrets, removeSecrets } from '../../src/openstack/key-manager.ts';
import type { ServicePurge } from '../../src/openstack/purge.ts';

export default {
  layer: 'resources',
  kinds: [
    {
      what: 'secrets of a project',
      // Those of all projects are on no list.
      list: async () => [],
      listOf: async (admin, projectId) =>
        (await hasSecrets(admin, projectId)) ? [{ id: projectId, project_id: projectId }] : [],
      remove: removeSecrets,
    },
  ],
} satisfies ServicePurge;
