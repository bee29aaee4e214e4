import { flavors, waitForHypervisor } from '../../src/openstack/compute.ts';
import { newestMicroversion } from '../../src/openstack/microversion.ts';
import type { Session } from '../../src/openstack/session.ts';
import { BUILD_TIMEOUT, defineTempestPart, PREFIX } from '../../src/tempest/part.ts';

interface Seen {
  /** Ids; the second is the larger. */
  flavors: readonly [string, string];
  computeNodes: number;
  hypervisorType: string;
  microversion: string;
}

const SSH_TIMEOUT = 180;

/** The disk is larger than the guest's, so that both sizes differ in all that resizing changes. */
const small = { name: `${PREFIX}-flavor`, vcpus: 1, ram: 128, disk: 1 };
const large = { name: `${PREFIX}-flavor-alt`, vcpus: 1, ram: 192, disk: 2 };

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
});

async function listHypervisors(admin: Session): Promise<{ hypervisor_type: string }[]> {
  const { body } = await admin.request<{ hypervisors: { hypervisor_type: string }[] }>(
    'compute',
    'GET',
    '/os-hypervisors/detail',
  );
  return body.hypervisors;
}
