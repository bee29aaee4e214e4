import type { Finding } from '../volumes/compare.ts';
import type { Domain } from './domain.ts';

/** What could not be found out, and why not. */
export interface Unknown {
  problem: string;
}

/** All that was found out about a server at one moment, for `climb`. Times are ISO 8601, in UTC. */
export interface Evidence {
  server: {
    id: string;
    name: string;
    /** Nova's, such as ACTIVE. */
    status: string;
    task: string | undefined;
    /** Nova's own words where it is in ERROR. */
    fault: string | undefined;
    hasConfigDrive: boolean;
    /** Nova's name of its compute node; undefined where it is on none. */
    host: string | undefined;
  };
  /** Undefined where no hypervisor that answers knows it. */
  domain: Domain | undefined;
  /** Hypervisors that did not say what they run. */
  silent: string[];
  /** The end of what it wrote to its serial console. */
  console: string | Unknown;
  /** The one with the floating IP, else the first; undefined where it has none. */
  port: PortEvidence | undefined;
  /** When it last asked for metadata, and with which HTTP status it was answered. */
  metadata: { at: string; status: number } | undefined | Unknown;
  /** Whether its security groups let SSH in from anywhere. */
  opened: boolean | Unknown;
  floatingIp: FloatingIpEvidence | undefined;
  /** What port 22 answered to its own network: the banner, or that it is closed. */
  inside: { answer: string } | Unknown | undefined;
  /** What an SSH server greeted this machine with at the floating IP. */
  ssh: { banner: string } | Unknown | undefined;
  /** What is wrong with its volumes; undefined where the cloud has none. */
  volumes: readonly Finding[] | Unknown | undefined;
}

export interface PortEvidence {
  id: string;
  mac: string;
  address: string | undefined;
  /** Neutron's, such as ACTIVE. */
  status: string;
  /** Neutron's `binding:vif_type`; `binding_failed` where no chassis has the node's name. */
  vifType: string;
  /** Whether its subnet gives addresses by DHCP. */
  dhcp: boolean;
  /** When it was last given its address by DHCP. */
  leasedAt: string | undefined | Unknown;
}

export interface FloatingIpEvidence {
  address: string;
  /** The inside address that the network leads it to; undefined where it has no such rule. */
  leadsTo: string | undefined | Unknown;
}

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && 'problem' in value;
}
