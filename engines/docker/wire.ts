import type Docker from 'dockerode';
import {
  checkExternalInterface,
  checkMtu,
  checkPool,
  USUAL_MTU,
  type WantedWire,
} from '../../src/engine/external-interface.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Finding } from '../../src/model/finding.ts';
import { nodeNetwork } from '../../src/model/node-network.ts';
import type { DockerClient } from './client.ts';
import { labelled } from './labels.ts';
import { portProblem, readInterfaces } from './machine.ts';

export interface WireInput {
  desired: Pick<Desired, 'cloud' | 'publicAddress'>;
  wire: WantedWire;
}

/**
 * Whether what cloud.yaml names of this machine's network is there and may be taken: what would harm before anybody sees
 * why. Nothing where the engine runs elsewhere: there the switch itself refuses an interface that the machine needs.
 */
export async function checkWire(
  { desired, wire }: WireInput,
  { docker, local }: Pick<DockerClient, 'docker' | 'local'>,
): Promise<Finding[]> {
  if (!local) return [];
  const [interfaces, networks, containers] = await Promise.all([
    readInterfaces(),
    docker.listNetworks(),
    docker.listContainers({ filters: labelled(desired.cloud) }),
  ]);
  const address = await checkAddress(desired.publicAddress, containers);
  if (!interfaces) return [...address, ...unseen(wire)];
  const bridges = new Map(networks.map((network) => [bridgeOf(network), network.Name] as const));
  const machine = { cloud: desired.cloud, interfaces, bridges };
  if (wire.name === undefined) {
    const name = nodeNetwork(desired.cloud).external;
    // The engine makes the bridge with the MTU of Ethernet.
    const mtu = interfaces.find((one) => one.name === name)?.mtu ?? USUAL_MTU;
    return [...address, ...checkMtu(wire, [{ name, mtu }])];
  }
  const findings = checkExternalInterface(wire, machine);
  const isRefused = findings.some(({ level }) => level === 'error');
  const taken = interfaces.filter((one) => one.name === wire.name);
  return [...address, ...findings, ...(isRefused ? [] : checkMtu(wire, taken)), ...checkPool(wire, machine)];
}

/** A machine may have lost an address that the cloud goes on listening at. */
async function checkAddress(address: string, own: readonly Docker.ContainerInfo[]): Promise<Finding[]> {
  if ((await portProblem(address, 0)) !== 'EADDRNOTAVAIL') return [];
  const isHeld = own.some(({ Ports }) => Ports.some(({ IP }) => IP === address));
  return [
    {
      check: 'public address',
      level: isHeld ? 'warning' : 'error',
      message: `${address} is no address of this machine`,
      next: 'Correct public.address in cloud.yaml; `ip address` lists those it has. One that others translate to an address of this machine belongs in public.hostname.',
    },
  ];
}

function unseen({ name }: WantedWire): Finding[] {
  if (name === undefined) return [];
  const message = `this machine has no iproute2 to look at ${name} with; the switch looks when it starts`;
  return [{ check: 'external interface', level: 'warning', message, next: 'Install iproute2.' }];
}

/** Where no option names the bridge of a network, its identity does. */
function bridgeOf({ Id, Options }: Pick<Docker.NetworkInspectInfo, 'Id' | 'Options'>): string {
  return Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`;
}
