import {
  checkExternalInterface,
  checkMtu,
  checkPool,
  type WantedWire,
} from '../../../src/engine/external-interface.ts';
import { KeptOutput } from '../../../src/engine/output.ts';
import type { Finding } from '../../../src/model/finding.ts';
import {
  interfaceOf,
  type NetworkInterface,
  networkCommands,
  parseNetwork,
} from '../../../src/model/node-network.ts';
import { timeLimit } from '../../../src/time-limit.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Node, Pod } from '../api/objects.ts';
import { mapBounded } from '../api/pool.ts';
import type { KubernetesSettings } from '../context.ts';
import { Label } from '../names.ts';
import { internalAddresses, nodesOfRole } from '../observe/facts.ts';
import { listPods } from '../observe/live.ts';
import { runCommand } from '../pods/command.ts';
import { isRunning } from '../pods/find.ts';

/** Longest time that one pod may take to answer, in milliseconds. */
const LIMIT = 5_000;
const SEPARATOR = '---';
const COMMAND = networkCommands.map((command) => command.join(' ')).join(` && echo ${SEPARATOR} && `);

/** A node with what its switch sees of its network. */
export interface SeenNetwork {
  node: string;
  /** The node's own IPv4 address in the cluster. */
  address: string | undefined;
  interfaces: readonly NetworkInterface[];
}

/**
 * Whether what cloud.yaml names of the nodes' network is there and may be taken, on each node whose switch runs. Where
 * none does yet, the switch itself refuses when it starts.
 */
export async function checkWires(
  api: ClusterApi,
  settings: Pick<KubernetesSettings, 'cloud' | 'namespace'>,
  wire: WantedWire,
  nodes: readonly Node[],
): Promise<Finding[]> {
  const gateways = nodesOfRole(nodes, 'network').map(({ metadata }) => metadata.name);
  return findOnNodes(settings.cloud, wire, await readNetworks(api, settings, wire, nodes), gateways);
}

/** Pure. Without nodes for gateways, any node may be one. */
export function findOnNodes(
  cloud: string,
  wire: WantedWire,
  networks: readonly SeenNetwork[],
  gateways: readonly string[] = [],
): Finding[] {
  const { name } = wire;
  const wired = networks.filter(({ interfaces }) => interfaces.some((one) => one.name === name));
  return [
    ...checkPresence(
      cloud,
      wire,
      gateways.length > 0 ? networks.filter(({ node }) => gateways.includes(node)) : networks,
    ),
    ...networks.flatMap(({ node, address, interfaces }) => {
      const machine = { cloud, interfaces, bridges: new Map<string, string>() };
      const own = address === undefined ? undefined : interfaceOf(interfaces, address);
      const findings = wired.some((one) => one.node === node) ? checkExternalInterface(wire, machine) : [];
      const isRefused = findings.some(({ level }) => level === 'error');
      const wires = interfaces.filter((one) => one === own || (one.name === name && !isRefused));
      return [...findings, ...checkMtu(wire, wires), ...checkPool(wire, machine)].map((finding) => ({
        ...finding,
        check: `${finding.check}: ${node}`,
      }));
    }),
  ];
}

/** Of the nodes for gateways, one without the interface is none; a cloud needs one. */
function checkPresence(cloud: string, wire: WantedWire, networks: readonly SeenNetwork[]): Finding[] {
  const check = 'external interface';
  if (wire.name === undefined) return [];
  const [first] = networks;
  const wired = networks.filter(({ interfaces }) => interfaces.some(({ name }) => name === wire.name));
  if (!first) {
    const message = `${wire.name}: the switch of each node looks at it when it starts, and refuses one that the node is reached by`;
    return [{ check, level: 'ok', message }];
  }
  if (wired.length === 0) {
    const machine = { cloud, interfaces: first.interfaces, bridges: new Map<string, string>() };
    return checkExternalInterface(wire, machine).map((finding) => ({
      ...finding,
      message: `no node can be a gateway: ${finding.message} (looked at ${networks.map(({ node }) => node).join(', ')})`,
    }));
  }
  const others = networks.filter((one) => !wired.includes(one)).map(({ node }) => node);
  if (others.length === 0) return [];
  return [{ check, level: 'ok', message: `${others.join(', ')}: no ${wire.name} there, so no gateway` }];
}

async function readNetworks(
  api: ClusterApi,
  settings: Pick<KubernetesSettings, 'cloud' | 'namespace'>,
  { process }: Pick<WantedWire, 'process'>,
  nodes: readonly Node[],
): Promise<SeenNetwork[]> {
  if (process === undefined) return [];
  const pods = (await listPods(api, settings)).filter(isRunning);
  const switches = pods.filter(({ metadata }) => metadata.labels?.[Label.name] === process);
  const found = await mapBounded(switches, 8, (pod) => readNetwork(api, pod, nodes));
  return found.flat();
}

async function readNetwork(api: ClusterApi, pod: Pod, nodes: readonly Node[]): Promise<SeenNetwork[]> {
  const { nodeName = '' } = pod.spec;
  const node = nodes.find(({ metadata }) => metadata.name === nodeName);
  const output = new KeptOutput();
  try {
    const signal = timeLimit(LIMIT);
    const exitCode = await runCommand(api, pod, ['sh', '-c', COMMAND], { stdout: output, signal });
    if (exitCode !== 0) return [];
    const interfaces = parseNetwork(output.text.split(`${SEPARATOR}\n`));
    const address = node && internalAddresses(node).find((one) => !one.includes(':'));
    return [{ node: nodeName, address, interfaces }];
  } catch {
    // A pod that does not answer is shown by `status`; it is no reason not to bring the cloud up.
    return [];
  }
}
