import type { OsloSections } from './oslo.ts';
import type { Process, Ref, VolumeMount } from './workload.ts';

/** The part of a RenderContext that says where processes answer. */
export interface ProcessHosts {
  /** The complete host names by which clients reach a process. */
  hosts(process: string): string[];
}

/** Where the switch is, and what a driver has beside it: where servers are, and where their way to the outside is. */
export const onSwitchNodes: Pick<Process, 'on' | 'spread'> = {
  on: ['compute', 'network'],
  spread: 'perNode',
};

/** How packets get from node to node, by the module that the kernel's datapath needs for it, with its name. */
export const tunnelProtocols = { geneve: 'Geneve', vxlan: 'VXLAN' } as const;
export type TunnelProtocol = keyof typeof tunnelProtocols;

/** What the switch of each node gets of a driver. The programs are of the switch's image, and read the node's file. */
export interface NodeSwitch {
  /** What the node's file says for these programs, by name, beside what it says with every driver. */
  settings: Record<string, string>;
  /** Processes that this leads to: they must be there by the time that the switch starts. */
  reaches: string[];
  /**
   * Run each time that the switch is about to start, before it has bridges. In its environment is what was found out
   * about the node: `datapath` (`system`, `netdev`), `tunnel_protocol`, `tunnel_address` where the engine has nodes of
   * its own, and `wired`, which is empty where the external network is not on this node.
   */
  startProgram?: string;
  /**
   * Run when the list of the nodes that are gateways to the external network has changed. A driver that chooses its
   * gateways by itself has none, and its nodes no list.
   */
  gatewayProgram?: string;
}

/** What a network driver of Neutron means for the rest of the cloud. Neutron's folder has one file for each. */
export interface NetworkDriver {
  /** As cloud.yaml names it. */
  name: string;
  /** What plugs servers into the switch of their node: for Nova's compute process. */
  hypervisor: { sections: OsloSections; volumes: VolumeMount[]; after: Ref[] };
  /** Protocols that its tunnels may have, the one to take first: a node has the first that it can do, or the last. */
  tunnels: readonly TunnelProtocol[];
  nodeSwitch(context: ProcessHosts): NodeSwitch;
  /** What runs on each node beside the switch, as processes of the switch's service. */
  nodeProcesses(context: ProcessHosts): Process[];
  /** Their names, known before rendering. */
  nodeProcessNames: readonly string[];
  traces: NetworkTraces;
}

/** Where a server's port has left traces: what `explain server` looks at, and sends people to. */
export interface NetworkTraces {
  /** The process whose log has a line with this text for each lease that it gives to a MAC address. */
  lease: { process: string; text(mac: string): string };
  /** Prints the inside address that the network leads a floating IP to. */
  floatingIp: { process: string; command(address: string): string[] };
  /** The network namespace, made by a process on the server's own node, in which a network can be reached. */
  namespace: { process: string; name(networkId: string): string };
  /** Processes whose logs tell why... */
  logs: {
    /** ...a port is bound to no switch. */
    binding: string[];
    /** ...a port that is bound carries nothing. */
    port: string[];
    /** ...a server is given no address, with each answer to its request. */
    lease: string[];
    /** ...servers get no metadata, on the network's side. */
    metadata: string[];
    /** ...a floating IP leads nowhere. */
    floatingIp: string[];
  };
}
