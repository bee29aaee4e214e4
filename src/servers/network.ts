import { KeptOutput } from '../engine/output.ts';
import { GantryError } from '../errors.ts';
import type { Port } from '../openstack/network.ts';
import { timeLimit } from '../time-limit.ts';
import type { Evidence, PortEvidence, Unknown } from './evidence.ts';
import type { Looking } from './gather.ts';
import type { Hypervisor } from './hypervisors.ts';

const COMMAND_LIMIT_MS = 10_000;
/** For a connection from the server's own network, in seconds. */
const ANSWER_SECONDS = 3;

/** What the logs of OVN and of the metadata service tell of a server. */
export interface Traces {
  leasedAt: PortEvidence['leasedAt'];
  metadata: Evidence['metadata'];
}

/**
 * The last lease and the last request for metadata, since the server was made. Nothing follows from a log that has neither
 * and begins later: logs go with their containers.
 */
export async function readTraces(
  { engine, cloud, admin, instances }: Looking,
  of: { server: { id: string; created: string }; mac: string | undefined },
): Promise<Traces> {
  const silence = (process: string): Unknown | undefined => {
    const starts = instances.filter((one) => one.workload === process).map((one) => one.startedAt ?? '');
    const latest = starts.sort().at(-1) ?? '';
    const isWhole = Date.parse(latest) <= Date.parse(of.server.created);
    return isWhole ? undefined : { problem: `not in the log of ${process}, which begins after the server` };
  };
  const traces: Traces = { leasedAt: silence('ovn-controller'), metadata: silence('nova-metadata') };
  const asked = new RegExp(`for server ${of.server.id}: (\\d{3})`);
  await engine.logs(cloud, ['ovn-controller', 'nova-metadata'], {
    follow: false,
    since: Math.floor(Date.parse(of.server.created) / 1000),
    signal: admin.signal,
    onLine: ({ at: moment, text }) => {
      const at = `${moment.slice(0, 19)}Z`;
      if (of.mac !== undefined && text.includes(`DHCPACK ${of.mac}`)) traces.leasedAt = at;
      const status = asked.exec(text)?.[1];
      if (status) traces.metadata = { at, status: Number(status) };
    },
  });
  return traces;
}

/** The inside address that OVN's northbound database leads a floating IP to. */
export async function leadsTo(looking: Looking, address: string): Promise<string | undefined> {
  const find = ['--columns=logical_ip', 'find', 'NAT', 'type=dnat_and_snat', `external_ip=${address}`];
  // Every member of a cluster knows it, not only the leader.
  const { output } = await run(looking, 'ovn-nb', ['ovn-nbctl', '--no-leader-only', '--bare', ...find]);
  return output.trim().split('\n')[0] || undefined;
}

/**
 * What the server's port 22 says to its own network: asked from the namespace in which OVN's metadata agent listens on
 * the server's node. Throws where nothing answers.
 */
export async function answerFromNetwork(
  looking: Looking,
  { node }: Pick<Hypervisor, 'node'>,
  port: Port,
): Promise<{ answer: string } | undefined> {
  const address = port.fixed_ips[0]?.ip_address;
  if (!address) return undefined;
  const agent = looking.instances.find((one) => one.workload === 'neutron-ovn-metadata' && one.node === node);
  if (!agent)
    throw new GantryError({ code: 'server.no-agent', whose: 'environment', message: 'no metadata agent' });
  const { code, output } = await run(looking, `${agent.workload}-${agent.ordinal}`, [
    'ip',
    'netns',
    'exec',
    `ovnmeta-${port.network_id}`,
    'timeout',
    String(ANSWER_SECONDS),
    'bash',
    '-c',
    'exec 3<>/dev/tcp/$0/22 && head -n 1 <&3',
    address,
  ]);
  const banner = /^SSH-\S.*/m.exec(output)?.[0].trim();
  if (banner) return { answer: `${address} says ${banner}` };
  if (/refused/.test(output)) return { answer: `${address} answers; nothing listens on its port 22` };
  const why = code === 124 ? 'does not answer' : output.trim().split('\n').at(-1);
  throw new GantryError({ code: 'server.silent', whose: 'environment', message: `${address}: ${why}` });
}

async function run(
  { engine, cloud, admin }: Looking,
  process: string,
  command: string[],
): Promise<{ code: number; output: string }> {
  const kept = new KeptOutput(65_536);
  const code = await engine.exec(cloud, process, command, {
    stdout: kept,
    stderr: kept,
    signal: AbortSignal.any([admin.signal, timeLimit(COMMAND_LIMIT_MS)]),
  });
  return { code, output: kept.text };
}
