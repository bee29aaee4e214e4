import { lastLines } from '../model/strings.ts';
import { describeDomain } from './domain.ts';
import { type Evidence, isUnknown, type Unknown } from './evidence.ts';
import type { ServerTraces } from './looking.ts';

/** `unknown`: neither shown to be right nor to be wrong. */
export type Outcome = 'ok' | 'failed' | 'unknown' | 'not reached';

/** One thing that must be right before a server answers. */
export interface Rung {
  name: string;
  outcome: Outcome;
  /** What was seen, in words. */
  seen: string;
  /** What to do about it, or where to look on. */
  next?: string;
}

type Step = Omit<Rung, 'name'>;
type Logs = ServerTraces['network']['logs'];

/** What a rung is left out for. */
const STOPPED = 'it does not run';
const CONSOLE_LINES = 8;

/** From the hypervisor up to an SSH login, in the order in which each needs those before it. Pure. */
export function climb(evidence: Evidence, traces: ServerTraces): Rung[] {
  const { logs } = traces.network;
  const { domain, silent } = evidence;
  // Of one whose hypervisor does not answer nobody knows that it does not run.
  const runs = domain ? domain.state === 'running' : silent.length > 0;
  const rungs: Rung[] = [
    { name: 'Nova', ...novaOf(evidence, traces) },
    { name: 'hypervisor', ...hypervisorOf(evidence, traces) },
    { name: 'console', ...consoleOf(evidence, runs) },
    { name: 'port', ...portOf(evidence, logs) },
    { name: 'address by DHCP', ...leaseOf(evidence, runs, logs) },
    { name: 'metadata', ...metadataOf(evidence, runs, traces) },
    { name: 'security group', ...groupOf(evidence) },
    { name: 'from its network', ...insideOf(evidence, runs, logs) },
    { name: 'floating IP', ...floatingIpOf(evidence, logs) },
    { name: 'SSH', ...sshOf(evidence, runs, logs) },
    // It may answer without them: so nothing above follows from this.
    ...volumesOf(evidence),
  ];
  return rungs;
}

/** The first rung that is broken; all after it may follow from that. */
export function firstFailed(rungs: readonly Rung[]): Rung | undefined {
  return rungs.find(({ outcome }) => outcome === 'failed');
}

/** The ladder as lines of text, with what to do about the first rung that is broken; without a final newline. */
export function formatLadder(rungs: readonly Rung[], evidence: Pick<Evidence, 'console'>): string {
  const marks: Record<Outcome, string> = { ok: 'ok', failed: 'FAILED', unknown: '?', 'not reached': '-' };
  const width = Math.max(...rungs.map(({ name }) => name.length));
  const lines = rungs.map(
    ({ name, outcome, seen }) => `${marks[outcome].padEnd(6)}  ${name.padEnd(width)}  ${seen}`,
  );
  const failed = firstFailed(rungs);
  if (!failed) return lines.join('\n');
  const console = isUnknown(evidence.console) ? '' : lastLines(evidence.console, CONSOLE_LINES);
  return [
    ...lines,
    ...(console ? ['The console ends with:', ...console.split('\n').map((line) => `  | ${line}`)] : []),
    ...(failed.next ? [`${failed.name}: ${failed.next}`] : []),
  ].join('\n');
}

function novaOf({ server }: Evidence, { compute: { logs } }: ServerTraces): Step {
  const { id, status, task, fault, host } = server;
  const seen = [status, task, host && `on ${host}`].filter(Boolean).join(', ');
  if (status === 'ACTIVE' && !task) return { outcome: 'ok', seen };
  if (status === 'ERROR') {
    return {
      outcome: 'failed',
      seen: fault ? `${seen}: ${fault}` : seen,
      next: lookAt(host ? logs.running : logs.placing),
    };
  }
  const starts: Record<string, string> = {
    SHUTOFF: 'start',
    PAUSED: 'unpause',
    SUSPENDED: 'resume',
    SHELVED: 'unshelve',
    SHELVED_OFFLOADED: 'unshelve',
    RESCUE: 'unrescue',
  };
  const verb = starts[status];
  const next = verb ? `gantry openstack server ${verb} ${id}` : 'Nova is at work on it: look again';
  return { outcome: 'failed', seen, next };
}

function hypervisorOf({ server, domain, silent }: Evidence, { compute, hypervisor }: ServerTraces): Step {
  if (domain?.state === 'running') return { outcome: 'ok', seen: 'running' };
  if (!domain) {
    if (silent.length > 0) {
      return {
        outcome: 'unknown',
        seen: `${silent.join(', ')} did not answer`,
        next: lookAt([hypervisor.process]),
      };
    }
    if (!server.host) return { outcome: 'not reached', seen: 'it is on no node' };
    return {
      outcome: 'failed',
      seen: 'no hypervisor knows it',
      next: `gantry openstack server reboot --hard ${server.id} defines it again`,
    };
  }
  const logs = [hypervisor.process, ...compute.logs.running];
  const again = `gantry openstack server reboot --hard ${server.id} starts it anew`;
  return {
    outcome: 'failed',
    seen: describeDomain(domain),
    next: domain.fault ? `${again}; if it stops again, ${whatStops(domain.said, logs)}` : again,
  };
}

function whatStops(said: string | undefined, logs: readonly string[]): string {
  return /KVM/.test(said ?? '')
    ? 'this machine cannot run it with KVM: `compute: {virtType: qemu}` in cloud.yaml emulates'
    : `\`${lookAt(logs)}\`, and the space and health of the disk that holds its files`;
}

function consoleOf({ console }: Evidence, runs: boolean): Step {
  if (isUnknown(console)) return unknown(console);
  const last = lastLines(console, 1);
  if (last !== '') return { outcome: 'ok', seen: last };
  return runs
    ? { outcome: 'unknown', seen: 'nothing on it: its firmware does not get on, or it does not use it' }
    : { outcome: 'not reached', seen: STOPPED };
}

function portOf({ port }: Evidence, logs: Logs): Step {
  if (!port) return { outcome: 'failed', seen: 'it has none', next: 'gantry openstack server add network' };
  const seen = `${port.status}, ${port.address ?? 'no address'}, ${port.mac}`;
  if (port.vifType === 'binding_failed') {
    return {
      outcome: 'failed',
      seen: `${seen}: no switch is known by the name of its node`,
      next: `${lookAt(logs.binding)}; \`gantry openstack network agent list\` has the names`,
    };
  }
  if (port.status === 'ACTIVE') return { outcome: 'ok', seen };
  return { outcome: 'failed', seen, next: lookAt(logs.port) };
}

function leaseOf(evidence: Evidence, runs: boolean, logs: Logs): Step {
  const { port } = evidence;
  if (!port) return { outcome: 'not reached', seen: 'no port' };
  if (!port.dhcp) return { outcome: 'unknown', seen: 'its subnet has none: it must know its address' };
  if (isUnknown(port.leasedAt)) return unknown(port.leasedAt);
  if (port.leasedAt) return { outcome: 'ok', seen: `given at ${port.leasedAt}` };
  const seen = 'not given since the server was made';
  if (answers(evidence)) return { outcome: 'unknown', seen };
  if (!runs) return { outcome: 'not reached', seen: STOPPED };
  const next = `does the guest ask? Its console tells; ${lookAt(logs.lease)} shows each DHCPOFFER`;
  return { outcome: 'failed', seen, next };
}

function metadataOf(evidence: Evidence, runs: boolean, { compute, network }: ServerTraces): Step {
  const { metadata, server } = evidence;
  const answering = compute.metadata.process;
  if (metadata && !isUnknown(metadata)) {
    const seen = `answered with ${metadata.status} at ${metadata.at}`;
    // Of what a server has not been given, such as user data, 404 is the right answer.
    if (metadata.status < 400 || metadata.status === 404) return { outcome: 'ok', seen };
    return { outcome: 'failed', seen, next: lookAt([answering]) };
  }
  if (server.hasConfigDrive) return { outcome: 'ok', seen: 'not needed: it has a config drive' };
  if (metadata) return unknown(metadata);
  const seen = 'not asked for since the server was made';
  if (answers(evidence)) return { outcome: 'unknown', seen };
  if (!runs) return { outcome: 'not reached', seen: STOPPED };
  return { outcome: 'failed', seen, next: lookAt([...network.logs.metadata, answering]) };
}

function groupOf({ opened, port }: Evidence): Step {
  if (isUnknown(opened)) return unknown(opened);
  if (opened) return { outcome: 'ok', seen: 'lets SSH in from anywhere' };
  return {
    outcome: 'failed',
    seen: 'does not let SSH in from anywhere',
    next: `gantry openstack security group rule create --ingress --protocol tcp --dst-port 22 GROUP, of a group of port ${port?.id ?? 'it has'}`,
  };
}

function insideOf({ domain, inside, opened }: Evidence, runs: boolean, logs: Logs): Step {
  if (!runs) return { outcome: 'not reached', seen: STOPPED };
  if (inside === undefined) {
    return { outcome: 'not reached', seen: domain ? 'no address' : 'its hypervisor did not answer' };
  }
  if (!isUnknown(inside)) return { outcome: 'ok', seen: inside.answer };
  if (opened !== true) return { outcome: 'not reached', seen: 'the security group keeps it away' };
  const next = `what the console says of its network; ${lookAt(logs.port)}`;
  return { outcome: 'failed', seen: inside.problem, next };
}

function floatingIpOf({ floatingIp, server, port }: Evidence, logs: Logs): Step {
  if (!floatingIp) {
    const next = `gantry openstack server add floating ip ${server.id} ADDRESS`;
    return { outcome: 'unknown', seen: 'none: it can be reached from its own network only', next };
  }
  const { address, leadsTo } = floatingIp;
  if (isUnknown(leadsTo)) return unknown(leadsTo);
  if (leadsTo && leadsTo === port?.address) return { outcome: 'ok', seen: `${address} leads to ${leadsTo}` };
  return {
    outcome: 'failed',
    seen: leadsTo ? `${address} leads to ${leadsTo}` : `no rule for ${address}`,
    next: `${lookAt(logs.floatingIp)}; is its subnet connected to a router with a gateway?`,
  };
}

function sshOf({ ssh, opened }: Evidence, runs: boolean, logs: Logs): Step {
  if (!runs) return { outcome: 'not reached', seen: STOPPED };
  if (ssh === undefined) return { outcome: 'not reached', seen: 'no floating IP' };
  if (!isUnknown(ssh)) return { outcome: 'ok', seen: ssh.banner };
  if (opened !== true) return { outcome: 'not reached', seen: 'the security group keeps it away' };
  return {
    outcome: 'failed',
    seen: ssh.problem,
    next: `is this machine on the external network? gantry doctor; ${lookAt(logs.port)}`,
  };
}

function volumesOf({ volumes }: Evidence): Rung[] {
  if (volumes === undefined) return [];
  const name = 'volumes';
  if (isUnknown(volumes)) return [{ name, ...unknown(volumes) }];
  const [first] = volumes;
  if (!first) return [{ name, outcome: 'ok', seen: 'as Cinder and Nova say' }];
  const seen = volumes.map((one) => [one.volume?.name, one.seen].filter(Boolean).join(': ')).join('; ');
  const next = first.mends.length > 0 ? `gantry volumes repair: ${first.next}` : first.next;
  return [{ name, outcome: 'failed', seen, next }];
}

/** Whether it has shown that it has its address. */
function answers({ inside, ssh }: Evidence): boolean {
  return [inside, ssh].some((answer) => answer !== undefined && !isUnknown(answer));
}

function lookAt(processes: readonly string[]): string {
  return `gantry logs ${processes.join(' ')}`;
}

function unknown({ problem }: Unknown): Step {
  return { outcome: 'unknown', seen: problem };
}
