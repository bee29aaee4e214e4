import type { Connection } from '../../src/engine/engine.ts';
import { GantryError } from '../../src/errors.ts';
import type { DockerClient } from './client.ts';
import { findRunning } from './find.ts';

/**
 * Where a port of a process is reached from this machine: the container's own address, or loopback where it
 * lives on the node's network. Containers of an engine elsewhere cannot be reached that way. While an instance is
 * replaced it is the new one, which whoever connects has waited for: the one before may end at any moment.
 */
export async function connectTo(
  { docker, local, address }: DockerClient,
  cloud: string,
  process: string,
  port: number,
): Promise<Connection> {
  if (!local) {
    throw new GantryError({
      code: 'docker.remote',
      whose: 'environment',
      message: `${process} cannot be reached from this machine`,
      why: `The engine at ${address} runs elsewhere, and its containers have addresses of their own there.`,
      next: 'Run gantry on the machine of the engine.',
    });
  }
  const { info } = await findRunning(docker, cloud, process, { newest: true });
  const close = async () => {};
  if (info.HostConfig.NetworkMode === 'host') return { host: '127.0.0.1', port, close };
  const network = info.NetworkSettings.Networks[info.HostConfig.NetworkMode];
  const host = network?.IPAddress || Object.values(info.NetworkSettings.Networks)[0]?.IPAddress;
  if (!host) {
    throw new GantryError({
      code: 'process.no-address',
      whose: 'environment',
      message: `${process} has no address`,
      why: `Its container: ${info.Status}`,
      next: `\`gantry status\` shows its state.`,
    });
  }
  return { host, port, close };
}
