import { messageOf } from '../errors.ts';
import { readConsole, servers } from '../openstack/compute.ts';
import type { PlacedServer } from '../openstack/hypervisors.ts';
import {
  floatingIps,
  letsIn,
  type Port,
  ports,
  type SecurityGroup,
  securityGroups,
  subnets,
} from '../openstack/network.ts';
import type { Session } from '../openstack/session.ts';
import { readSshBanner } from '../openstack/ssh.ts';
import { findVolumeProblems } from '../volumes/gather.ts';
import type { Evidence, PortEvidence, Unknown } from './evidence.ts';
import { askHypervisors, type Hypervisor } from './hypervisors.ts';
import type { Looking } from './looking.ts';
import { answerFromNetwork, leadsTo, readTraces, type Traces } from './network.ts';

const CONSOLE_LINES = 100;
const SSH_TIMEOUT_MS = 5000;

/** Looks at everything that a server needs before it answers, all at the same time; what cannot be seen says why. */
export async function gatherEvidence(looking: Looking, id: string): Promise<Evidence> {
  const { admin, engine, cloud, instances, traces: where } = looking;
  const [server, hypervisors, attached] = await Promise.all([
    servers.get(admin, id) as Promise<PlacedServer>,
    askHypervisors({ engine, cloud, hypervisor: where.hypervisor }, instances, admin.signal),
    ports.list(admin, { device_id: id }),
  ]);
  const found = hypervisors
    .flatMap((hypervisor) => hypervisor.domains.map((domain) => ({ hypervisor, domain })))
    .find(({ domain }) => domain.id === id);
  const { port, floating } = await choosePort(admin, attached);
  const attempt = attempting(admin.signal);
  const [console, traces, dhcp, opened, rule, inside, ssh, volumes] = await Promise.all([
    attempt(() => readConsole(admin, id, CONSOLE_LINES)),
    attempt(() => readTraces(looking, { server, mac: port?.mac_address })),
    port ? hasDhcp(admin, port) : false,
    port ? attempt(() => isOpen(admin, port)) : false,
    floating === undefined ? undefined : attempt(() => leadsTo(looking, floating)),
    port && found && attempt(() => answerFromNetwork(looking, found.hypervisor, port)),
    floating === undefined ? undefined : readSshBanner(floating, { timeoutMs: SSH_TIMEOUT_MS }),
    attempt(() => volumeProblems(looking, id)),
  ]);
  return {
    server: describeServer(server),
    domain: found?.domain,
    silent: silentOf(hypervisors),
    console,
    port: port && describePort(port, dhcp, traces),
    metadata: 'problem' in traces ? traces : traces.metadata,
    opened,
    floatingIp: floating === undefined ? undefined : { address: floating, leadsTo: rule },
    inside,
    ssh,
    volumes,
  };
}

async function volumeProblems(looking: Looking, id: string): Promise<Evidence['volumes']> {
  const { volumes, ...traces } = looking.traces;
  if (!volumes) return undefined;
  return (await findVolumeProblems({ ...looking, traces: { ...traces, volumes } }, id)).findings;
}

function describeServer(server: PlacedServer): Evidence['server'] {
  return {
    id: server.id,
    name: server.name,
    status: server.status,
    task: server['OS-EXT-STS:task_state'] ?? undefined,
    fault: server.fault?.message,
    // Nova writes it as text: "True", or nothing.
    hasConfigDrive: Boolean(server.config_drive),
    host: server['OS-EXT-SRV-ATTR:host'] ?? undefined,
  };
}

function describePort(port: Port, dhcp: boolean, traces: Traces | Unknown): PortEvidence {
  return {
    id: port.id,
    mac: port.mac_address,
    address: port.fixed_ips[0]?.ip_address,
    status: port.status,
    vifType: port['binding:vif_type'] ?? '',
    dhcp,
    leasedAt: 'problem' in traces ? traces : traces.leasedAt,
  };
}

function silentOf(hypervisors: readonly Hypervisor[]): string[] {
  return hypervisors
    .filter(({ problem }) => problem !== undefined)
    .map(({ instance, node, problem }) => `${node ?? instance} (${problem})`);
}

/** The port that users come in by. */
async function choosePort(
  admin: Session,
  attached: Port[],
): Promise<{ port: Port | undefined; floating: string | undefined }> {
  const found = await Promise.all(attached.map((port) => floatingIps.find(admin, { port_id: port.id })));
  const index = Math.max(
    0,
    found.findIndex((one) => one !== undefined),
  );
  return { port: attached[index], floating: found[index]?.floating_ip_address };
}

async function hasDhcp(admin: Session, port: Port): Promise<boolean> {
  const id = port.fixed_ips[0]?.subnet_id;
  return id !== undefined && (await subnets.get(admin, id)).enable_dhcp;
}

async function isOpen(admin: Session, port: Port): Promise<boolean> {
  if (port.port_security_enabled === false) return true;
  const groups: SecurityGroup[] = await Promise.all(
    port.security_groups.map((id) => securityGroups.get(admin, id)),
  );
  return groups.some((group) =>
    group.security_group_rules.some((rule) => letsIn(rule, { protocol: 'tcp', port: 22 })),
  );
}

/** One look that cannot be had says why, and leaves the others alone. */
function attempting(signal: AbortSignal) {
  return async <T>(look: () => Promise<T>): Promise<T | Unknown> => {
    try {
      return await look();
    } catch (thrown) {
      signal.throwIfAborted();
      return { problem: `could not be seen: ${messageOf(thrown)}` };
    }
  };
}
