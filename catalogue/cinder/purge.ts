import {
  removeVolume,
  volumeBackups,
  volumeQos,
  volumeSnapshots,
  volumes,
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
    ofProjects('snapshot of a volume', volumeSnapshots, {
      owner: 'os-extended-snapshot-attributes:project_id',
    }),
    ofProjects('volume', volumes, { owner: 'os-vol-tenant-attr:tenant_id', remove: removeVolume }),
    kind('type of volumes', volumeTypes, { all: { is_public: 'None' } }),
    kind('QoS of volumes', volumeQos),
  ],
} satisfies ServicePurge;
