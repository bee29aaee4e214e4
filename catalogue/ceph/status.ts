import type { ServiceStatus } from '../../src/model/service-status.ts';
import { MONITOR } from './names.ts';

/** What `shape-cluster --status` prints. Sizes are in bytes. */
export interface CephStatus {
  health: 'HEALTH_OK' | 'HEALTH_WARN' | 'HEALTH_ERR';
  /** What Ceph warns of, but for what an operator has muted. */
  warnings: { code: string; severity: string; text: string }[];
  /** Whether the manager answers, which alone knows what is on OSDs. */
  isManaged: boolean;
  monitors: Monitor[];
  osds: Osd[];
}

interface Monitor {
  /** A letter: the first one's is `a`. */
  name: string;
  inQuorum: boolean;
  leads: boolean;
  /** Seconds that its clock is apart from the leader's; null where it was not compared. */
  skew: number | null;
}

interface Osd {
  host: string;
  /** null where there is one. */
  node: string | null;
  id: number;
  up: boolean;
  /** Whether data is placed on it, in the eyes of the monitor. */
  in: boolean;
  /** Share of data that it is to have; none where it is to be emptied. */
  weight: number;
  /** null where nothing was told of them yet, as what follows. */
  size: number | null;
  used: number | null;
  /** Placement groups that are there. */
  groups: number | null;
}

export default {
  service: 'ceph',
  process: MONITOR,
  command: ['timeout', '9', 'shape-cluster', '--status'],
  read(answer) {
    const status = JSON.parse(answer) as CephStatus;
    const hasNodes = status.osds.some(({ node }) => node !== null);
    const monitors = status.monitors.length > 1 ? status.monitors : [];
    return {
      columns: ['DEVICE', ...(hasNodes ? ['NODE'] : []), 'DAEMON', 'STATE', 'GROUPS', 'USED'],
      rows: [
        ...monitors.map((monitor) => [
          `${MONITOR}.${ordinalOf(monitor)}`,
          ...(hasNodes ? [''] : []),
          `mon.${monitor.name}`,
          stateOfMonitor(monitor),
          '',
          '',
        ]),
        ...status.osds.map((osd) => [
          osd.host,
          ...(hasNodes ? [osd.node ?? ''] : []),
          `osd.${osd.id}`,
          stateOf(osd),
          osd.groups === null ? '' : String(osd.groups),
          usedOf(osd),
        ]),
      ],
      problems: [
        ...(status.isManaged ? [] : ['the manager does not answer']),
        ...monitors.filter(isApart).map((monitor) => `the clock of mon.${monitor.name} is ${apart(monitor)}`),
        ...status.warnings.map(({ code, text }) => `${text} (${code})`),
      ],
      data: status,
    };
  },
} satisfies ServiceStatus;

/** Ceph warns from there on (mon_clock_drift_allowed). */
const SKEW_ALLOWED = 0.05;

function ordinalOf({ name }: Monitor): number {
  return name.charCodeAt(0) - 'a'.charCodeAt(0);
}

function stateOfMonitor(monitor: Monitor): string {
  if (!monitor.inQuorum) return 'is not in the quorum';
  const state = monitor.leads ? 'in the quorum, which it leads' : 'in the quorum';
  return isApart(monitor) ? `${state}; its clock is ${apart(monitor)}` : state;
}

function isApart({ skew }: Monitor): boolean {
  return Math.abs(skew ?? 0) > SKEW_ALLOWED;
}

function apart({ skew }: Monitor): string {
  return `${Math.abs(skew ?? 0).toFixed(2)} s ${(skew ?? 0) > 0 ? 'ahead of' : 'behind'} the leader's`;
}

function stateOf({ up, in: isIn, weight, groups }: Osd): string {
  if (!up) return isIn ? 'down' : 'down, and its data is placed elsewhere';
  if (weight === 0) return groups === 0 ? 'empty' : 'is being emptied';
  return isIn ? 'up' : 'up, and nothing is placed on it';
}

function usedOf({ size, used }: Osd): string {
  if (size === null || used === null || size === 0) return '';
  return `${Math.round((used / size) * 100)} % of ${(size / 2 ** 30).toFixed(1)} GiB`;
}
