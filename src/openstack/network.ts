import { defineResource } from './resource.ts';
import type { Session } from './session.ts';

interface Owned {
  id: string;
  name: string;
  project_id: string;
}
export interface Network extends Owned {
  'router:external': boolean;
  subnets: string[];
}
export interface Subnet extends Owned {
  network_id: string;
  cidr: string;
  enable_dhcp: boolean;
}
export interface Router extends Owned {
  external_gateway_info: { network_id: string } | null;
}
export interface Port extends Owned {
  device_id: string;
  device_owner: string;
  network_id: string;
  mac_address: string;
  status: string;
  /** Only administrators see it. */
  'binding:vif_type'?: string;
  port_security_enabled?: boolean;
  security_groups: string[];
  fixed_ips: { subnet_id: string; ip_address: string }[];
}
export interface SecurityGroup extends Owned {
  security_group_rules: SecurityGroupRule[];
}
export interface SecurityGroupRule {
  id: string;
  direction: 'ingress' | 'egress';
  ethertype: 'IPv4' | 'IPv6';
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_group_id: string | null;
  remote_ip_prefix: string | null;
}
/** A process of the network on a node, as Neutron knows it. */
export interface Agent {
  id: string;
  host: string;
}
export interface FloatingIp {
  id: string;
  floating_ip_address: string;
  port_id: string | null;
}

function define<T extends { id: string }>(one: string, many: string, path = `/${many}`) {
  return defineResource<T>({ service: 'network', path, one, many, updateMethod: 'PUT' });
}

export const networks = define<Network>('network', 'networks');
export const subnets = define<Subnet>('subnet', 'subnets');
export const routers = define<Router>('router', 'routers');
export const ports = define<Port>('port', 'ports');
export const securityGroups = define<SecurityGroup>('security_group', 'security_groups', '/security-groups');
const securityGroupRules = define<SecurityGroupRule>(
  'security_group_rule',
  'security_group_rules',
  '/security-group-rules',
);
export const agents = define<Agent>('agent', 'agents');
export const floatingIps = define<FloatingIp>('floatingip', 'floatingips');

/** Connects the subnet to the router; says whether it was not yet. */
export async function ensureRouterInterface(
  session: Session,
  routerId: string,
  subnetId: string,
): Promise<boolean> {
  const existing = await ports.find(session, { device_id: routerId, fixed_ips: `subnet_id=${subnetId}` });
  if (existing) return false;
  await session.request('network', 'PUT', `/routers/${routerId}/add_router_interface`, {
    json: { subnet_id: subnetId },
  });
  return true;
}

/** Takes a router out of its networks and removes it. */
export async function removeRouter(session: Session, routerId: string): Promise<void> {
  const attached = await ports.list(session, { device_id: routerId });
  const inside = attached.filter((port) => port.device_owner.startsWith('network:router_interface'));
  await Promise.all(
    inside.map((port) =>
      session.request('network', 'PUT', `/routers/${routerId}/remove_router_interface`, {
        json: { port_id: port.id },
      }),
    ),
  );
  await routers.remove(session, routerId);
}

/** A way in: all of a protocol, or one port of it. */
export interface Opening {
  protocol: 'icmp' | 'tcp' | 'udp';
  port?: number;
}

/** Lets IPv4 traffic from anywhere in; returns the openings that were not there. */
export async function ensureOpenings(
  session: Session,
  group: SecurityGroup,
  wanted: readonly Opening[],
): Promise<Opening[]> {
  const missing = wanted.filter(
    (opening) => !group.security_group_rules.some((rule) => isOpening(rule, opening)),
  );
  await Promise.all(
    missing.map(({ protocol, port }) =>
      securityGroupRules.create(session, {
        security_group_id: group.id,
        direction: 'ingress',
        ethertype: 'IPv4',
        protocol,
        ...(port === undefined ? {} : { port_range_min: port, port_range_max: port }),
      }),
    ),
  );
  return missing;
}

function isOpening(rule: SecurityGroupRule, opening: Opening): boolean {
  const port = opening.port ?? null;
  return (
    rule.direction === 'ingress' &&
    rule.ethertype === 'IPv4' &&
    rule.protocol === opening.protocol &&
    rule.port_range_min === port &&
    rule.port_range_max === port &&
    isFromAnywhere(rule)
  );
}

function isFromAnywhere(rule: SecurityGroupRule): boolean {
  return (
    rule.remote_group_id === null && (rule.remote_ip_prefix === null || rule.remote_ip_prefix === '0.0.0.0/0')
  );
}

/** Protocols that rules name by their numbers too (IANA, Protocol Numbers). */
const protocolNumbers: Record<Opening['protocol'], string> = { icmp: '1', tcp: '6', udp: '17' };

/** Whether a rule lets this in from anywhere over IPv4, be it as part of more. */
export function letsIn(rule: SecurityGroupRule, { protocol, port }: Opening): boolean {
  const protocols: (string | null)[] = [null, protocol, protocolNumbers[protocol]];
  const reaches = (from: number | null, to: number | null): boolean =>
    port === undefined ? from === null : (from ?? 0) <= port && port <= (to ?? 65_535);
  return (
    rule.direction === 'ingress' &&
    rule.ethertype === 'IPv4' &&
    protocols.includes(rule.protocol) &&
    reaches(rule.port_range_min, rule.port_range_max) &&
    isFromAnywhere(rule)
  );
}
