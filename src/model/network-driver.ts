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

/** What a network driver of Neutron means for the rest of the cloud. Neutron's folder has one file for each. */
export interface NetworkDriver {
  /** As cloud.yaml names it. */
  name: string;
  /** What plugs servers into the switch of their node: for Nova's compute process. */
  hypervisor: { sections: OsloSections; volumes: VolumeMount[]; after: Ref[] };
  /** Protocols that its tunnels may have, the one to take first: a node has the first that it can do, or the last. */
  tunnels: readonly TunnelProtocol[];
  /** What the switch of each node is told as it starts, by name, and what must be there by then. */
  nodeSwitch(context: ProcessHosts): { settings: Record<string, string>; reaches: string[] };
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
