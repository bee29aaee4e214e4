import {
  removeAndWait,
  removeGroupAndWait,
  removeVolume,
  volumeBackups,
  volumeGroupSnapshots,
  volumeGroups,
  volumeGroupTypes,
  volumeQos,
  volumeSnapshots,
  volumes,
  volumeTransfers,
  volumeTypes,
} from '../../src/openstack/block-storage.ts';
import { type Found, type Kind, kind, type ServicePurge } from '../../src/openstack/purge.ts';
import type { Resource } from '../../src/openstack/resource.ts';

/** What is of a project, which Cinder says in `owner`, an attribute for administrators. */
function ofProjects(
  what: string,
  resource: Resource<{ id: string }>,
  { owner, remove = resource.remove }: { owner: string; remove?: Kind['remove'] },
): Kind {
  const list: Kind['listOf'] = async (admin, project_id) => {
    const found = await resource.list(admin, { all_tenants: 1, ...(project_id ? { project_id } : {}) });
    return found.map((one) => ({
      ...(one as Found),
      project_id: (one as unknown as Record<string, string>)[owner] ?? '',
    }));
  };
  return { what, list: (admin) => list(admin, ''), listOf: list, remove };
}

export default {
  layer: 'resources',
  kinds: [
    ofProjects('backup of a volume', volumeBackups, { owner: 'os-backup-project-attr:project_id' }),
    // What is on its way out is in the way of what comes after it.
    ofProjects('snapshot of a group of volumes', volumeGroupSnapshots, {
      owner: 'project_id',
      remove: (admin, id) => removeAndWait(admin, 'group snapshot', id),
    }),
    ofProjects('snapshot of a volume', volumeSnapshots, {
      owner: 'os-extended-snapshot-attributes:project_id',
      remove: (admin, id) => removeAndWait(admin, 'snapshot', id),
    }),
    ofProjects('transfer of a volume', volumeTransfers, { owner: 'source_project_id' }),
    ofProjects('group of volumes', volumeGroups, { owner: 'project_id', remove: removeGroupAndWait }),
    ofProjects('volume', volumes, { owner: 'os-vol-tenant-attr:tenant_id', remove: removeVolume }),
    kind('type of groups of volumes', volumeGroupTypes, { all: { is_public: 'None' } }),
    kind('type of volumes', volumeTypes, { all: { is_public: 'None' } }),
    kind('QoS of volumes', volumeQos),
  ],
} satisfies ServicePurge;
