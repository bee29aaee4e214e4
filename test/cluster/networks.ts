import type Docker from 'dockerode';
import { GantryError, messageOf } from '../../src/errors.ts';
import { nthAddress } from '../../src/model/cidr.ts';
import { externalNetwork, nodeNetwork } from './containers.ts';
import { addresses, type Role, roleLabel } from './settings.ts';

/** Makes the network of the nodes, and the one that stands for the outside, whose gateway is this machine. */
export async function createNetworks(docker: Docker, external: string): Promise<void> {
  await createNetwork(docker, nodeNetwork, 'network', addresses.network, 'gantry-k8s');
  await createNetwork(docker, externalNetwork, 'external', external, 'gantry-k8s-ex');
}

/** The external network of the cluster that is there. */
export async function readExternal(docker: Docker): Promise<string | undefined> {
  return subnetOf(await findNetwork(docker, 'external'));
}

async function findNetwork(docker: Docker, role: Role): Promise<Docker.NetworkInspectInfo | undefined> {
  return (await docker.listNetworks({ filters: { label: [`${roleLabel}=${role}`] } }))[0];
}

function subnetOf(network: Docker.NetworkInspectInfo | undefined): string | undefined {
  return network?.IPAM?.Config?.[0]?.Subnet;
}

async function createNetwork(
  docker: Docker,
  name: string,
  role: Role,
  subnet: string,
  bridge: string,
): Promise<void> {
  const found = await findNetwork(docker, role);
  if (subnetOf(found) === subnet) return;
  if (found) throw otherSubnet(subnetOf(found) ?? 'without addresses', subnet);
  try {
    await docker.createNetwork({
      Name: name,
      Driver: 'bridge',
      Labels: { [roleLabel]: role },
      IPAM: { Driver: 'default', Config: [{ Subnet: subnet, Gateway: nthAddress(subnet, 1) }] },
      Options: { 'com.docker.network.bridge.name': bridge },
    });
  } catch (thrown) {
    throw new GantryError({
      code: 'cluster.network',
      whose: 'environment',
      message: `The engine does not make a network with ${subnet}`,
      why: messageOf(thrown),
      next:
        role === 'external'
          ? 'Something else holds these addresses: take others with --external, such as 10.29.32.0/24.'
          : 'See what holds these addresses with `ip route` and `docker network ls`.',
      cause: thrown,
    });
  }
}

function otherSubnet(is: string, wanted: string): GantryError {
  return new GantryError({
    code: 'cluster.other-network',
    whose: 'user',
    message: `The cluster's external network is ${is}, not ${wanted}`,
    next: 'Remove the cluster with `npm run cluster -- down` first.',
  });
}
