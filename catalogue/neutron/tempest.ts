import { ensureExternalNetwork } from '../../src/openstack/external-network.ts';
import { networks } from '../../src/openstack/network.ts';
import type { Session } from '../../src/openstack/session.ts';
import { BUILD_TIMEOUT, defineTempestPart, PREFIX } from '../../src/tempest/part.ts';
import { DNS_DOMAIN } from './config.ts';
import { driverNamed } from './drivers.ts';

interface Seen {
  externalNetwork: { id: string; name: string };
  /** Aliases of the extensions that Neutron announces. */
  extensions: readonly string[];
  /** The network driver's name. */
  driver: string;
}

export default defineTempestPart<Seen>({
  prepare: async (admin, { external, networkDriver }) => {
    const [{ id }, extensions] = await Promise.all([
      ensureExternalNetwork(admin, { ...external, name: `${PREFIX}-external` }),
      listExtensions(admin),
    ]);
    const { name } = await networks.get(admin, id);
    return { externalNetwork: { id, name }, extensions, driver: networkDriver };
  },
  sections: ({ externalNetwork, extensions, driver }) => ({
    service_available: { neutron: true },
    enforce_scope: { neutron: true },
    auth: { create_isolated_networks: true },
    network: {
      public_network_id: externalNetwork.id,
      floating_network_name: externalNetwork.name,
      build_timeout: BUILD_TIMEOUT,
    },
    'network-feature-enabled': {
      api_extensions: extensions.join(','),
      ipv6: true,
      ipv6_subnet_attributes: true,
      port_security: extensions.includes('port-security'),
    },
    neutron_plugin_options: { ...driverNamed(driver).testOptions, dns_domain: DNS_DOMAIN },
  }),
});

async function listExtensions(admin: Session): Promise<string[]> {
  const { body } = await admin.request<{ extensions: { alias: string }[] }>('network', 'GET', '/extensions');
  return body.extensions.map(({ alias }) => alias).sort();
}
