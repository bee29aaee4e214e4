import type { ServiceStatus } from '../../src/model/service-status.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';

/** What `build-rings --status` prints. Partitions are counted over all rings, sizes are in bytes, times in seconds. */
export interface SwiftStatus {
  rings: {
    name: string;
    version: number;
    replicas: number;
    partitions: number;
    /** Partitions that something is in, and of these the ones of which a device has nothing that should. */
    used: number;
    incomplete: number;
    /** Per cent that a device has more or less of than its weight says. */
    balance: number;
    /** Until partitions may move again. */
    movableIn: number;
  }[];
  devices: Device[];
}

interface Device {
  id: string;
  weight: number;
  /** Partitions that belong there, are there, are there though they belong elsewhere, and are not there though used. */
  belong: number;
  held: number;
  strays: number;
  missing: number;
  /** Since it last told of itself; null where it never did, and all that follows as well. */
  age: number | null;
  size: number | null;
  free: number | null;
  quarantined: number | null;
  readOnly: boolean | null;
  /** What the last passes of its replicators could not bring elsewhere. */
  failures: number | null;
  /** For how long a replicator has ended no pass, since the process was started at most. */
  unreplicated?: number | null;
}

/** It tells of itself twice a minute. */
const SILENT_SECONDS = 180;
/** A pass is begun each minute; one over a full device takes its time. */
const UNREPLICATED_SECONDS = 6 * 3600;
/** Part of a device that is free where it is to be called full. */
const FULL = 0.02;

export default {
  service: 'swift',
  process: 'swift-proxy',
  command: ['build-rings', '--status', `${CONFIG_DIR}/run.json`],
  read(answer) {
    const status = JSON.parse(answer) as SwiftStatus;
    return {
      columns: ['DEVICE', 'STATE', 'PARTITIONS', 'USED'],
      rows: status.devices.map((device) => [device.id, stateOf(device).text, heldOf(device), usedOf(device)]),
      problems: status.devices.flatMap((device) => {
        const { text, isProblem } = stateOf(device);
        return isProblem ? [`${device.id}: ${text}`] : [];
      }),
      data: status,
    };
  },
} satisfies ServiceStatus;

function stateOf(device: Device): { text: string; isProblem: boolean } {
  const { age, readOnly, size, free, quarantined, unreplicated, weight, held, missing, strays } = device;
  const problem = (text: string) => ({ text, isProblem: true });
  const fine = (text: string) => ({ text, isProblem: false });
  if (age === null) return fine('nothing heard of it yet');
  if (age > SILENT_SECONDS) return problem(`nothing heard of it for ${Math.round(age / 60)} minutes`);
  if (readOnly) return problem('takes no writes');
  if (size !== null && free !== null && free < size * FULL) return problem('full');
  if (quarantined) return problem(`${quarantined} damaged in quarantine`);
  if (unreplicated && unreplicated > UNREPLICATED_SECONDS)
    return problem(`replicated nothing for ${Math.round(unreplicated / 3600)} hours`);
  if (weight === 0) return fine(held === 0 ? 'empty' : 'is being emptied');
  if (missing > 0) return fine(`${missing} partitions to come`);
  if (strays > 0) return fine(`${strays} partitions to go`);
  return fine('whole');
}

function heldOf({ held, belong }: Device): string {
  return `${held} of ${belong} in use`;
}

function usedOf({ size, free }: Device): string {
  if (size === null || free === null || size === 0) return '';
  return `${Math.round((1 - free / size) * 100)} % of ${(size / 2 ** 30).toFixed(1)} GiB`;
}
