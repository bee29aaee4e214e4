import {
  flavors,
  removeKeyPair,
  removeServers,
  servers,
  waitForHypervisor,
} from '../../src/openstack/compute.ts';
import { newestMicroversion } from '../../src/openstack/microversion.ts';
import { defineResource } from '../../src/openstack/resource.ts';
import type { Session } from '../../src/openstack/session.ts';
import { BUILD_TIMEOUT, defineTempestPart, kind, PREFIX } from '../../src/tempest/part.ts';

interface Seen {
  /** Ids; the second is the larger. */
  flavors: readonly [string, string];
  computeNodes: number;
  hypervisorType: string;
  microversion: string;
}

const SSH_TIMEOUT = 180;
const microversion = '2.90';

/** The disk is larger than the guest's, so that both sizes differ in all that resizing changes. */
const small = { name: `${PREFIX}-flavor`, vcpus: 1, ram: 128, disk: 1 };
const large = { name: `${PREFIX}-flavor-alt`, vcpus: 1, ram: 192, disk: 2 };

interface Aggregate {
  id: string;
  hosts: string[];
}

const aggregates = defineResource<Aggregate>({
  service: 'compute',
  path: '/os-aggregates',
  one: 'aggregate',
  many: 'aggregates',
  microversion,
});
const serverGroups = defineResource({
  service: 'compute',
  path: '/os-server-groups',
  one: 'server_group',
  many: 'server_groups',
  microversion,
});

export default defineTempestPart<Seen>({
  prepare: async (admin) => {
    await waitForHypervisor(admin);
    const [one, other, hypervisors, newest] = await Promise.all([
      flavors.create(admin, small),
      flavors.create(admin, large),
      listHypervisors(admin),
      newestMicroversion(admin, 'compute'),
    ]);
    return {
      flavors: [one.id, other.id],
      computeNodes: hypervisors.length,
      hypervisorType: hypervisors[0]?.hypervisor_type ?? 'QEMU',
      microversion: newest,
    };
  },
  sections: (seen) => {
    const severalNodes = seen.computeNodes > 1;
    return {
      service_available: { nova: true },
      enforce_scope: { nova: true },
      compute: {
        flavor_ref: seen.flavors[0],
        flavor_ref_alt: seen.flavors[1],
        build_timeout: BUILD_TIMEOUT,
        min_compute_nodes: seen.computeNodes,
        hypervisor_type: seen.hypervisorType,
        min_microversion: '2.1',
        max_microversion: seen.microversion,
      },
      'compute-feature-enabled': {
        cold_migration: severalNodes,
        live_migration: severalNodes,
        block_migration_for_live_migration: severalNodes,
        resize: true,
        hostname_fqdn_sanitization: true,
        vnc_console: true,
        // Servers have serial consoles with a log, and there is no proxy that hands them out.
        serial_console: false,
        stable_rescue: true,
        attach_encrypted_volume: false,
      },
      validation: {
        run_validation: true,
        connect_method: 'floating',
        auth_method: 'keypair',
        ssh_timeout: SSH_TIMEOUT,
        ping_timeout: SSH_TIMEOUT,
        connect_timeout: 60,
      },
    };
  },
  layer: 'workloads',
  kinds: [
    kind('server', servers, { all_tenants: 1 }, (admin, id) => removeServers(admin, [id])),
    kind('server group', serverGroups, { all_projects: 'True' }),
    kind('flavor', flavors, { is_public: 'none' }),
    kind('aggregate', aggregates, {}, removeAggregate),
  ],
  removeOfUser: removeKeyPairs,
});

async function listHypervisors(admin: Session): Promise<{ hypervisor_type: string }[]> {
  const { body } = await admin.request<{ hypervisors: { hypervisor_type: string }[] }>(
    'compute',
    'GET',
    '/os-hypervisors/detail',
  );
  return body.hypervisors;
}

async function removeKeyPairs(admin: Session, userId: string): Promise<void> {
  const { body } = await admin.request<{ keypairs: { keypair: { name: string } }[] }>(
    'compute',
    'GET',
    '/os-keypairs',
    { microversion, query: { user_id: userId } },
  );
  await Promise.all(body.keypairs.map(({ keypair }) => removeKeyPair(admin, keypair.name, userId)));
}

/** Nova removes only aggregates without hosts. */
async function removeAggregate(admin: Session, id: string): Promise<void> {
  for (const host of (await aggregates.get(admin, id)).hosts) {
    await admin.request('compute', 'POST', `/os-aggregates/${id}/action`, {
      json: { remove_host: { host } },
      microversion,
    });
  }
  await aggregates.remove(admin, id);
}
