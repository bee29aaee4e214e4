import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from './client.ts';
import type { Containers } from './containers.ts';
import type { Gantry } from './gantry.ts';
import { dropPackets, runInNetwork } from './namespaces.ts';

const NORTHBOUND_PORT = 6641;
/** How late one worker of the API hears of what the others do. */
const LATE_MS = 1000;

/**
 * Makes networks, each with a subnet right after it, while what OVN's northbound database sends to one worker of
 * Neutron's API comes late, to each worker in its turn. Resolves to the subnets that are without DHCP then.
 */
export async function subnetsWithoutDhcp(
  gantry: Gantry,
  containers: Containers,
  count: number,
): Promise<string[]> {
  const client = await ApiClient.open(gantry);
  const connections = ['ss', '-Htn', 'state', 'established', `( dport = :${NORTHBOUND_PORT} )`];
  const stdout = await runInNetwork(containers, 'neutron-api', connections);
  const ports = [...stdout.matchAll(/:(\d+)\s+\S+\s*$/gm)].map(([, port]) => port as string);
  if (ports.length < 2) throw new Error(`neutron-api has too few connections to the database: ${stdout}`);

  const networks: string[] = [];
  const subnets: string[] = [];
  try {
    for (let n = 0; n < count; n += 1) {
      const late = ports[n % ports.length] as string;
      const packets = ['--protocol', 'tcp', '--dport', late];
      const letPass = await dropPackets(containers, 'ovn-nb', packets);
      const arrival = sleep(LATE_MS).then(letPass);
      try {
        const { network } = await client.make<{ network: { id: string } }>('network', '/v2.0/networks', {
          network: { name: 'late-copy' },
        });
        networks.push(network.id);
        const { subnet } = await client.make<{ subnet: { id: string } }>('network', '/v2.0/subnets', {
          subnet: { network_id: network.id, ip_version: 4, cidr: `192.168.${n}.0/24` },
        });
        subnets.push(subnet.id);
      } finally {
        await arrival;
      }
    }
    const list = ['ovn-nbctl', '--bare', '--columns=external_ids', 'list', 'DHCP_Options'];
    const options = await gantry.output('exec', 'ovn-nb', '--', ...list);
    return subnets.filter((id) => !options.includes(id));
  } finally {
    for (const id of networks) await client.remove('network', `/v2.0/networks/${id}`);
  }
}
