import { networks, subnets } from './network.ts';
import type { Session } from './session.ts';

export interface ExternalNetwork {
  /** CIDR. */
  subnet: string;
  gateway: string;
  pool: { start: string; end: string };
  physicalNetwork: string;
}

/**
 * The network that floating IPs come from, shared so that servers can be on it directly. Where the physical network
 * has one already, under whatever name, that one is used: Neutron allows no second.
 */
export async function ensureExternalNetwork(
  session: Session,
  wanted: ExternalNetwork & { name: string },
): Promise<{ id: string; created: boolean }> {
  const found = await networks.find(session, {
    'provider:network_type': 'flat',
    'provider:physical_network': wanted.physicalNetwork,
    'router:external': true,
  });
  const network =
    found ??
    (await networks.create(session, {
      name: wanted.name,
      shared: true,
      'router:external': true,
      'provider:network_type': 'flat',
      'provider:physical_network': wanted.physicalNetwork,
    }));
  const hasSubnet = found !== undefined && found.subnets.length > 0;
  if (!hasSubnet) {
    await subnets.create(session, {
      name: wanted.name,
      network_id: network.id,
      ip_version: 4,
      cidr: wanted.subnet,
      gateway_ip: wanted.gateway,
      allocation_pools: [wanted.pool],
      enable_dhcp: false,
    });
  }
  return { id: network.id, created: !hasSubnet };
}
