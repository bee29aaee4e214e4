import { emptyAccount, hasObjects } from '../../src/openstack/object-store.ts';
import type { ServicePurge } from '../../src/openstack/purge.ts';

export default {
  layer: 'resources',
  kinds: [
    {
      what: 'account of objects',
      // Those of all projects are on no list.
      list: async () => [],
      listOf: async (admin, projectId) =>
        (await hasObjects(admin, projectId)) ? [{ id: projectId, project_id: projectId }] : [],
      // Accounts themselves are not removed by Swift's API (405, RGW 18.2.7).
      remove: emptyAccount,
    },
  ],
} satisfies ServicePurge;
