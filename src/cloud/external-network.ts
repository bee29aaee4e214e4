import type { WantedWire } from '../engine/external-interface.ts';
import { GantryError } from '../errors.ts';
import type { ExternalNetwork } from '../openstack/external-network.ts';
import type { Cloud } from './cloud.ts';

type Wired = Pick<Cloud, 'config' | 'declared'>;

/** The external network as Neutron is to know it. */
export function externalNetwork({ config, declared }: Wired): ExternalNetwork {
  const [physical] = declared.physicalNetworks;
  if (!physical) {
    throw new GantryError({
      code: 'catalogue.no-physical-network',
      whose: 'bug',
      message: 'no service of the catalogue names the network that floating IPs are on',
    });
  }
  return { ...config.network.external, physicalNetwork: physical.name };
}

/** What nodes are looked at for: the interface that becomes a port of the switch, and what it must carry. */
export function wireOf({ config, declared }: Wired): WantedWire {
  const [wire] = declared.wires;
  return {
    name: wire?.interface,
    takesAddress: wire?.takesAddress ?? false,
    mtu: declared.physicalNetworks[0]?.mtu,
    pool: config.network.external.pool,
  };
}
