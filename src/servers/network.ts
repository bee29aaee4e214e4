import { KeptOutput } from '../engine/output.ts';
import { GantryError } from '../errors.ts';
import type { Port } from '../openstack/network.ts';
import { timeLimit } from '../time-limit.ts';
import type { Evidence, PortEvidence, Unknown } from './evidence.ts';
import type { Hypervisor } from './hypervisors.ts';
import type { Looking } from './looking.ts';

const COMMAND_LIMIT_MS = 10_000;
/** For a connection from the server's own network, in seconds. */
const ANSWER_SECONDS = 3;

/** What the logs of the network driver and of the metadata service tell of a server. */
export interface Traces {
  leasedAt: PortEvidence['leasedAt'];
  metadata: Evidence['metadata'];
}

/**
 * The last lease and the last request for metadata, since the server was made. Nothing follows from a log that has neither
 * and begins later: logs go with their containers.
 */
export async function readTraces(
  { engine, cloud, admin, instances, traces: { network, compute } }: Looking,
  of: { server: { id: string; created: string }; mac: string | undefined },
): Promise<Traces> {
  const silence = (process: string): Unknown | undefined => {
    const starts = instances.filter((one) => one.workload === process).map((one) => one.startedAt ?? '');
    const latest = starts.sort().at(-1) ?? '';
    const isWhole = Date.parse(latest) <= Date.parse(of.server.created);
    return isWhole ? undefined : { problem: `not in the log of ${process}, which begins after the server` };
  };
  const { lease } = network;
  const { process: answering, text: answered } = compute.metadata;
  const traces: Traces = { leasedAt: silence(lease.process), metadata: silence(answering) };
  const before = answered.replaceAll('{server}', of.server.id);
  await engine.logs(cloud, [lease.process, answering], {
    follow: false,
    since: Math.floor(Date.parse(of.server.created) / 1000),
    signal: admin.signal,
    onLine: ({ at: moment, text }) => {
      const at = `${moment.slice(0, 19)}Z`;
      if (of.mac !== undefined && text.includes(lease.text(of.mac))) traces.leasedAt = at;
      const [, behind = ''] = text.split(before);
      const status = /^\d{3}/.exec(behind)?.[0];
      if (status) traces.metadata = { at, status: Number(status) };
    },
  });
  return traces;
}

/** The inside address that the network leads a floating IP to. */
export async function leadsTo(looking: Looking, address: string): Promise<string | undefined> {
  const { process, command } = looking.traces.network.floatingIp;
  const { output } = await run(looking, process, command(address));
  return output.trim().split('\n')[0] || undefined;
}

/**
 * What the server's port 22 says to its own network: asked from the namespace that the network has on the server's node.
 * Throws where nothing answers.
 */
export async function answerFromNetwork(
  looking: Looking,
  { node }: Pick<Hypervisor, 'node'>,
  port: Port,
): Promise<{ answer: string } | undefined> {
  const address = port.fixed_ips[0]?.ip_address;
  if (!address) return undefined;
  const { namespace } = looking.traces.network;
  const agent = looking.instances.find((one) => one.workload === namespace.process && one.node === node);
  if (!agent) {
    const message = `no ${namespace.process} on its node`;
    throw new GantryError({ code: 'server.no-agent', whose: 'environment', message });
  }
  const { code, output } = await run(looking, `${agent.workload}-${agent.ordinal}`, [
    'ip',
    'netns',
    'exec',
    namespace.name(port.network_id),
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
