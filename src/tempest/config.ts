import { literal, mergeSections, type OsloSections, renderOsloIni } from '../model/oslo.ts';
import { CONFIG_DIR } from '../model/workload.ts';

/** Where the certificate authority is in the container. */
export const AUTHORITY_FILE = `${CONFIG_DIR}/authority.pem`;
/** What the names of everything that Tempest makes begin with. Longer, some would pass Keystone's 64 characters. */
export const PREFIX = 'gtest';

/** What Tempest is to know of a cloud. */
export interface TempestFacts {
  /** Keystone's public URL, with its version. */
  authUrl: string;
  region: string;
  /** Whether the endpoints' certificate is signed by an authority that is not the system's. */
  ownAuthority: boolean;
  /** Types of the services in the catalogue. */
  services: readonly string[];
  /** Aliases of the extensions that Neutron announces. */
  networkExtensions: readonly string[];
  externalNetwork: { id: string; name: string };
  /** Ids; the second of each is another one, the second flavor the larger. */
  images: readonly [string, string];
  flavors: readonly [string, string];
  /** Who logs in to servers of these images. */
  sshUser: string;
  computeNodes: number;
  hypervisorType: string;
  /** The newest microversions that the APIs speak. */
  microversions: { compute: string; placement: string };
}

export interface TempestCredentials {
  user: string;
  password: string;
  project: string;
}

/** Whole seconds that servers and networks may take, with room for guests that are emulated on busy cores. */
const BUILD_TIMEOUT = 300;
const SSH_TIMEOUT = 180;

/** tempest.conf without anything secret. */
export function tempestSections(facts: TempestFacts): OsloSections {
  const has = (type: string): boolean => facts.services.includes(type);
  const severalNodes = facts.computeNodes > 1;
  return {
    DEFAULT: {
      resource_name_prefix: PREFIX,
      use_stderr: true,
      debug: true,
    },
    auth: { use_dynamic_credentials: true, admin_domain_name: 'Default', create_isolated_networks: true },
    identity: {
      uri_v3: facts.authUrl,
      region: facts.region,
      v3_endpoint_type: 'public',
      ca_certificates_file: facts.ownAuthority ? AUTHORITY_FILE : undefined,
    },
    oslo_concurrency: { lock_path: '/tmp' },
    service_available: {
      nova: has('compute'),
      neutron: has('network'),
      glance: has('image'),
      cinder: has('block-storage') || has('volumev3'),
      swift: has('object-store'),
      horizon: false,
    },
    // New defaults and scopes of policies are what these services come with in this release.
    enforce_scope: { nova: true, neutron: true, glance: true, placement: true },
    compute: {
      image_ref: facts.images[0],
      image_ref_alt: facts.images[1],
      flavor_ref: facts.flavors[0],
      flavor_ref_alt: facts.flavors[1],
      build_timeout: BUILD_TIMEOUT,
      min_compute_nodes: facts.computeNodes,
      hypervisor_type: facts.hypervisorType,
      min_microversion: '2.1',
      max_microversion: facts.microversions.compute,
    },
    placement: { min_microversion: '1.0', max_microversion: facts.microversions.placement },
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
    'image-feature-enabled': { import_image: true },
    network: {
      public_network_id: facts.externalNetwork.id,
      floating_network_name: facts.externalNetwork.name,
      build_timeout: BUILD_TIMEOUT,
    },
    'network-feature-enabled': {
      api_extensions: facts.networkExtensions.join(','),
      ipv6: true,
      ipv6_subnet_attributes: true,
      port_security: facts.networkExtensions.includes('port-security'),
    },
    neutron_plugin_options: {
      available_type_drivers: 'flat,geneve,vlan',
      firewall_driver: 'ovn',
      dns_domain: 'gantry.internal',
    },
    validation: {
      run_validation: true,
      connect_method: 'floating',
      auth_method: 'keypair',
      image_ssh_user: facts.sshUser,
      image_alt_ssh_user: facts.sshUser,
      ssh_timeout: SSH_TIMEOUT,
      ping_timeout: SSH_TIMEOUT,
      connect_timeout: 60,
    },
    scenario: { dhcp_client: 'udhcpc' },
  };
}

/** The text of tempest.conf; without credentials it is for people to read. */
export function renderTempestConf(facts: TempestFacts, credentials?: TempestCredentials): string {
  const sections = tempestSections(facts);
  if (!credentials) return renderOsloIni(sections);
  const { user, password, project } = credentials;
  const auth = { admin_username: user, admin_password: literal(password), admin_project_name: project };
  return renderOsloIni(mergeSections(sections, { auth }));
}
