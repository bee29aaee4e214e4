import type Docker from 'dockerode';
import { GantryError, messageOf } from '../../src/errors.ts';
import type { Desired, DesiredNetwork } from '../../src/model/desired.ts';
import { nodeNetwork } from '../../src/model/node-network.ts';
import { dynamicRange } from './addresses.ts';
import { engineFailure, statusOf, unlessMissing } from './failure.ts';
import { Label, networkName, volumeName } from './labels.ts';
import { emptyDirectory } from './volume-directories.ts';
import { mountOptions, type VolumePlace } from './volume-places.ts';

const masquerade = 'com.docker.network.bridge.enable_ip_masquerade';

/** Whether addresses of a network are translated on the way out: the engine's default is that they are. */
export function hasNat(network: Pick<Docker.NetworkInspectInfo, 'Options'>): boolean {
  return network.Options?.[masquerade] !== 'false';
}

/** The options that the engine makes a network from. Pure. */
export function renderNetwork(cloud: string, network: DesiredNetwork): Docker.NetworkCreateOptions {
  const { name, role, subnet, gateway, nat = true } = network;
  return {
    Name: networkName(cloud, name),
    CheckDuplicate: true,
    Driver: 'bridge',
    IPAM: {
      Driver: 'default',
      Config: [
        {
          Subnet: subnet,
          Gateway: gateway,
          ...(role === 'internal' ? { IPRange: dynamicRange(subnet) } : {}),
        },
      ],
    },
    Options: {
      // The engine makes the bridge, its address and the NAT to the outside, and makes them again after a
      // restart of the machine: the external network needs nothing more of its own.
      'com.docker.network.bridge.name': nodeNetwork(cloud)[role],
      ...(nat ? {} : { [masquerade]: 'false' }),
    },
    Labels: { [Label.cloud]: cloud, [Label.network]: name },
  };
}

/** Makes the network; one that an interrupted run left is kept. */
export async function createNetwork(docker: Docker, cloud: string, network: DesiredNetwork): Promise<void> {
  try {
    await docker.createNetwork(renderNetwork(cloud, network));
  } catch (thrown) {
    if (statusOf(thrown) === 409) return;
    throw engineFailure(`The ${network.role} network ${network.subnet} could not be made`, thrown);
  }
}

export async function removeNetwork(docker: Docker, cloud: string, name: string): Promise<void> {
  try {
    await unlessMissing(docker.getNetwork(networkName(cloud, name)).remove());
  } catch (thrown) {
    const containers = await containersThatHold(docker, networkName(cloud, name), thrown);
    if (containers) throw networkHeld(networkName(cloud, name), containers, thrown);
    throw engineFailure(`The network ${name} could not be removed`, thrown);
  }
}

/**
 * Where the engine refused to remove a network for what is still on it, the names of those containers. None at all is
 * an engine that has miscounted while several came and went at once (https://github.com/moby/moby/issues/42119).
 */
export async function containersThatHold(
  docker: Docker,
  network: string,
  refusal: unknown,
): Promise<string[] | undefined> {
  if (statusOf(refusal) !== 403 || !/has active endpoints/.test(messageOf(refusal))) return undefined;
  const { Containers = {} }: Docker.NetworkInspectInfo = await docker.getNetwork(network).inspect();
  return Object.values(Containers)
    .map(({ Name }) => Name)
    .sort();
}

/** Pure. */
export function networkHeld(network: string, containers: string[], cause: unknown): GantryError {
  const message = `The network ${network} could not be removed`;
  if (containers.length > 0) {
    return new GantryError({
      code: 'docker.network-in-use',
      whose: 'user',
      message,
      why: `${containers.join(', ')} ${containers.length > 1 ? 'are' : 'is'} still on it`,
      next: `Take them off it with \`docker network disconnect ${network} CONTAINER\`, then run the command again.`,
      cause,
    });
  }
  return new GantryError({
    code: 'docker.network-miscounted',
    whose: 'environment',
    message,
    why: 'the engine counts a container on it, though there is none any more (https://github.com/moby/moby/issues/42119)',
    next: 'Restart Docker Engine, which counts anew, then run the command again.',
    cause,
  });
}

/** @param place that it is made of; the engine has one for it unless said */
export async function createVolume(
  docker: Docker,
  cloud: string,
  volume: string,
  place?: VolumePlace,
): Promise<void> {
  try {
    await docker.createVolume({
      Name: volumeName(cloud, volume),
      ...(place === undefined ? {} : { DriverOpts: mountOptions(place) }),
      Labels: { [Label.cloud]: cloud, [Label.volume]: volume },
    });
  } catch (thrown) {
    throw engineFailure(`The volume ${volume} could not be made`, thrown);
  }
}

/** Removes a volume with all that is in it. */
export async function removeVolume(
  docker: Docker,
  { cloud, images }: Pick<Desired, 'cloud' | 'images'>,
  volume: string,
): Promise<void> {
  const name = volumeName(cloud, volume);
  await unlessMissing(emptyDirectory(docker, name, images));
  try {
    await unlessMissing(docker.getVolume(name).remove());
  } catch (thrown) {
    throw engineFailure(`The volume ${volume} could not be removed`, thrown);
  }
}
