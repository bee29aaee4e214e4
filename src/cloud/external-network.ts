import type { WantedWire } from '../engine/external-interface.ts';
import { GantryError } from '../errors.ts';
import type { Finding } from '../model/finding.ts';
import type { ExternalNetwork } from '../openstack/external-network.ts';
import type { Emit } from '../run/events.ts';
import { warn } from './caller.ts';
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
    process: wire?.process,
    name: wire?.interface,
    takesAddress: wire?.takesAddress ?? false,
    mtu: declared.physicalNetworks[0]?.mtu,
    pool: config.network.external.pool,
  };
}

/** One machine's engine makes a network for floating IPs where there is no interface; nobody does on nodes of a cluster. */
export function checkAttached(cloud: Wired): Finding[] {
  if (cloud.config.engine !== 'kubernetes' || wireOf(cloud).name !== undefined) return [];
  return [
    {
      check: 'external interface',
      level: 'warning',
      message:
        'network.external.interface is not set: floating IPs lead nowhere, nobody can log in to servers',
      next: 'Set it to an interface that nodes have on a network with addresses to spare.',
    },
  ];
}

/** The same for what needs floating IPs, before it starts. */
export function warnOfUnattached(cloud: Wired, emit: Emit): void {
  for (const { message, next } of checkAttached(cloud)) warn(emit, `${message}. ${next}`);
}
