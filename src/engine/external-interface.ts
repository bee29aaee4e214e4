import { compareAddresses, parseAddress } from '../model/cidr.ts';
import type { Finding } from '../model/finding.ts';
import { type NetworkInterface, nodeNetwork } from '../model/node-network.ts';

/** What cloud.yaml says of the wire of the external network. */
export interface WantedWire {
  /** The process that attaches it, on each node; undefined where the cloud has no external network. */
  process: string | undefined;
  /** network.external.interface */
  name: string | undefined;
  /** network.external.takeAddress */
  takesAddress: boolean;
  /** network.mtu */
  mtu: number | undefined;
  /** network.external.pool */
  pool: { start: string; end: string };
}

export interface MachineNetwork {
  /** The cloud's name, from which its own interfaces have theirs. */
  cloud: string;
  interfaces: readonly NetworkInterface[];
  /** Bridges of a container engine, with what it calls their networks. */
  bridges: ReadonlyMap<string, string>;
}

/** The bytes that an Ethernet wire carries where nobody says otherwise, and what networks of the cloud start from. */
export const USUAL_MTU = 1500;

/** Whether the interface may become a port of the switch: what the machine sends over it ends then. Pure. */
export function checkExternalInterface(wanted: WantedWire, machine: MachineNetwork): Finding[] {
  const { name } = wanted;
  if (name === undefined) return [];
  const check = 'external interface';
  const found = machine.interfaces.find((one) => one.name === name);
  const refused = found ? explainUnfit(found, machine) : explainMissing(name, machine);
  if (refused) return [{ check, level: 'error', ...refused }];
  const own = found as NetworkInterface;
  const carried = describeCarried(own);
  if (carried === undefined) return [{ check, level: 'ok', message: describe(own) }];
  if (wanted.takesAddress) {
    return [
      {
        check,
        level: 'warning',
        message: `${name} carries ${carried}, which end when it becomes a port of the switch`,
        next: 'Move them to another interface, or to br-ex once the switch runs (network.external.takeAddress).',
      },
    ];
  }
  return [
    {
      check,
      level: 'error',
      message: `${name} carries ${carried}: as a port of the switch it would cut the machine off`,
      next: `${listCandidates(machine)} Who moves the addresses knowingly sets network.external.takeAddress.`,
    },
  ];
}

/** Whether packets of the size that the cloud's networks are given fit the wire. Pure. */
export function checkMtu(
  wanted: Pick<WantedWire, 'mtu'>,
  wires: readonly { name: string; mtu: number }[],
): Finding[] {
  const mtu = wanted.mtu ?? USUAL_MTU;
  const [narrowest] = [...wires].sort((a, b) => a.mtu - b.mtu);
  if (!narrowest || narrowest.mtu >= mtu) return [];
  const said =
    wanted.mtu === undefined ? `network.mtu is not set, which means ${mtu}` : `network.mtu is ${mtu}`;
  return [
    {
      check: 'MTU',
      level: wanted.mtu === undefined ? 'warning' : 'error',
      message: `${said}, and ${narrowest.name} carries packets of at most ${narrowest.mtu} bytes: larger ones are lost`,
      next: `Set network.mtu to ${narrowest.mtu} or less.`,
    },
  ];
}

/** Addresses that floating IPs are taken from must not be the machine's own. Pure. */
export function checkPool({ pool }: Pick<WantedWire, 'pool'>, machine: MachineNetwork): Finding[] {
  const isInPool = (address: string): boolean =>
    parseAddress(address) !== undefined &&
    compareAddresses(pool.start, address) <= 0 &&
    compareAddresses(address, pool.end) <= 0;
  return machine.interfaces.flatMap(({ name, addresses }) =>
    addresses.filter(isInPool).map((address) => ({
      check: 'external pool',
      level: 'error' as const,
      message: `${pool.start} to ${pool.end} holds ${address}, which the machine has on ${name}`,
      next: 'Choose another range for network.external.pool in cloud.yaml.',
    })),
  );
}

type Refusal = Pick<Finding, 'message' | 'next'>;

function explainMissing(name: string, machine: MachineNetwork): Refusal {
  const vlan = /^(.+)\.(\d{1,4})$/.exec(name);
  const parent = machine.interfaces.find((one) => one.name === vlan?.[1]);
  if (vlan && parent) {
    return {
      message: `there is no ${name}; ${parent.name}, which the VLAN would be on, is there`,
      next: `Make it first, and where the machine keeps its network configuration: \`ip link add link ${parent.name} name ${name} type vlan id ${vlan[2]}\`.`,
    };
  }
  return { message: `there is no interface ${name}`, next: listCandidates(machine) };
}

function explainUnfit(one: NetworkInterface, machine: MachineNetwork): Refusal | undefined {
  const why = explainKind(one, machine);
  return why === undefined ? undefined : { message: `${one.name} ${why}`, next: listCandidates(machine) };
}

function explainKind(one: NetworkInterface, { cloud, bridges }: MachineNetwork): string | undefined {
  const { name, linkType, kind, master } = one;
  if (linkType === 'loopback') return 'is the loopback, which leads nowhere';
  if (isOfCloud(name, cloud) || kind === 'openvswitch') return "is one of the cloud's own interfaces";
  const network = bridges.get(name);
  if (network !== undefined)
    return `is the bridge of the engine's network ${network}, and its containers need it`;
  if (linkType !== 'ether') return `is no Ethernet interface (${kind ?? linkType})`;
  // The switch's datapath in the kernel is the master of what is its port already.
  if (master !== undefined && master !== 'ovs-system') return `is a port of ${master} already`;
  return undefined;
}

function isOfCloud(name: string, cloud: string): boolean {
  return [
    ...Object.values(nodeNetwork(cloud)),
    'br-ex',
    'br-int',
    'br-encap',
    'ovs-system',
    'ovs-netdev',
  ].includes(name);
}

/** `the default route and 192.0.2.2`, or undefined where the machine does not use it. */
function describeCarried({ addresses, routes }: NetworkInterface): string | undefined {
  const others = addresses.length > 0 ? [] : routes.filter((route) => route !== 'default');
  const parts = [
    ...(routes.includes('default') ? ['the default route'] : []),
    ...addresses,
    ...new Set(others.map((route) => `the route to ${route}`)),
  ];
  if (parts.length === 0) return undefined;
  return parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function describe({ name, mtu, isUp }: NetworkInterface): string {
  return `${name}, MTU ${mtu}${isUp ? '' : ', down'}`;
}

/** Kinds that people make to attach networks to; hardware has none. */
const ATTACHABLE: readonly (string | undefined)[] = [undefined, 'vlan', 'bond', 'team'];

function listCandidates(machine: MachineNetwork): string {
  const free = machine.interfaces.filter(
    (one) =>
      ATTACHABLE.includes(one.kind) &&
      explainKind(one, machine) === undefined &&
      describeCarried(one) === undefined,
  );
  if (free.length === 0)
    return 'The machine has no Ethernet interface to spare: all have addresses or are ports.';
  return `Free are ${free.map(({ name, isUp }) => (isUp ? name : `${name} (down)`)).join(', ')}.`;
}
