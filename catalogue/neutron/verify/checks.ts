import { ensureExternalNetwork } from '../../../src/openstack/external-network.ts';
import {
  ensureOpenings,
  ensureRouterInterface,
  floatingIps,
  networks,
  routers,
  securityGroups,
  subnets,
} from '../../../src/openstack/network.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    'external network': { id: string };
    'network and subnet': { networkId: string; subnetId: string };
    /** Between the two. */
    router: unknown;
    /** Id of one that lets ping and SSH in. */
    'security group': string;
    /** The address. */
    'floating IP': string;
  }
}

export default {
  checks: [
    defineCheck({
      name: 'external network',
      run: async (_, { admin, external, name, note }) => {
        const network = await ensureExternalNetwork(admin, { ...external, name });
        note(network.created ? 'made for this run' : 'there');
        return network;
      },
    }),
    defineCheck({
      name: 'network and subnet',
      needs: ['token'],
      run: async ({ token: user }, { name, note, subnet: cidr }) => {
        note(cidr);
        const network = await networks.create(user, { name });
        const subnet = await subnets.create(user, { name, network_id: network.id, ip_version: 4, cidr });
        return { networkId: network.id, subnetId: subnet.id };
      },
    }),
    defineCheck({
      name: 'router',
      needs: ['token', 'external network', 'network and subnet'],
      run: async (
        { token: user, 'external network': external, 'network and subnet': { subnetId } },
        { name },
      ) => {
        const gateway = { external_gateway_info: { network_id: external.id } };
        const router = await routers.create(user, { name, ...gateway });
        await ensureRouterInterface(user, router.id, subnetId);
      },
    }),
    defineCheck({
      name: 'security group',
      needs: ['token'],
      run: async ({ token: user }, { name }) => {
        const group = await securityGroups.create(user, { name });
        await ensureOpenings(user, group, [{ protocol: 'icmp' }, { protocol: 'tcp', port: 22 }]);
        return group.id;
      },
    }),
    defineCheck({
      name: 'floating IP',
      // While a port is down, OVN leads its floating IP through the gateway's node, and neighbours learn that way.
      needs: ['token', 'external network', 'server ACTIVE', 'router'],
      run: async ({ token: user, 'external network': external, 'server ACTIVE': server }, { note }) => {
        const { floating_ip_address: address } = await floatingIps.create(user, {
          floating_network_id: external.id,
          port_id: server.portId,
        });
        note(address);
        return address;
      },
    }),
  ],
  remove: async ({ admin, isOurs, attempt }) => {
    for (const network of await networks.list(admin, { 'router:external': true })) {
      if (isOurs(network.name))
        await attempt(`network ${network.name}`, () => networks.remove(admin, network.id));
    }
  },
} satisfies ServiceChecks;
